import { manifestTypeOf } from '../../../shared/model/manifest.ts'
import { digestSchema } from '../../../shared/model/reference.ts'
import type { StoredManifest } from '../manifests.ts'
import { jsonOf } from '../refusal.ts'
import type { ContentCache } from './content-cache.ts'

/**
 * A manifest: by digest from the cache where it is kept, else as `load` has it; a tag always asks the registry.
 * Only manifests whose bytes tell the type the registry named are kept, so that they come back with it.
 */
export async function manifestThrough(
  cache: ContentCache,
  reference: string,
  load: () => Promise<StoredManifest>,
): Promise<StoredManifest> {
  const digest = digestSchema.safeParse(reference).data
  const bytes = digest === undefined ? undefined : await cache.get(digest)
  const mediaType = bytes === undefined ? undefined : manifestTypeOf(jsonOf(bytes))
  if (digest !== undefined && bytes !== undefined && mediaType !== undefined) {
    return { digest, mediaType, bytes }
  }
  const stored = await load()
  if (manifestTypeOf(jsonOf(stored.bytes)) === stored.mediaType) await cache.put(stored.digest, stored.bytes)
  return stored
}

/** A blob, from the cache where it is kept, else as `load` has it. */
export async function blobThrough(
  cache: ContentCache,
  digest: string,
  load: () => Promise<Uint8Array>,
): Promise<Uint8Array> {
  const kept = await cache.get(digest)
  if (kept !== undefined) return kept
  const bytes = await load()
  await cache.put(digest, bytes)
  return bytes
}
