import type { ContentItem } from '../../../shared/model/content-map.ts'
import type { Descriptor, ImageIndex, ImageManifest } from '../../../shared/model/manifest.ts'
import { printPlatform } from '../../oci/image.ts'

/** Layers of an image that are looked at; a manifest may name more than anybody could pull. */
export const maxItems = 500

/** The index a reference leads to, as an item of its own. */
export function indexItem(index: ImageIndex, digest: string, bytes: number): ContentItem {
  return { digest, kind: 'index', bytes, ...(index.mediaType ? { mediaType: index.mediaType } : {}) }
}

/**
 * The manifest, the config and the layers of an image, in the order containerd pulls them. What is named twice is there
 * once: a node has it or has it not.
 */
export function imageItems(
  manifest: ImageManifest,
  own: { digest: string; bytes: number; platform?: Descriptor['platform'] },
): ContentItem[] {
  const { digest, bytes, platform } = own
  const items: ContentItem[] = [
    {
      digest,
      kind: 'manifest',
      bytes,
      ...(manifest.mediaType ? { mediaType: manifest.mediaType } : {}),
      ...(platform !== undefined ? { platform: printPlatform(platform) } : {}),
    },
    blobItem(manifest.config, 'config'),
    ...manifest.layers.map((layer) => blobItem(layer, 'layer')),
  ]
  return [...new Map(items.toReversed().map((item) => [item.digest, item])).values()].toReversed()
}

function blobItem({ digest, mediaType, size }: Descriptor, kind: 'config' | 'layer'): ContentItem {
  return { digest, kind, mediaType, bytes: size }
}
