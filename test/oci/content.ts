import { createHash } from 'node:crypto'
import type { Descriptor } from '../../shared/model/manifest.ts'
import { mediaTypes } from '../../shared/model/media-types.ts'

/** image-spec, manifest.md, "Guidance for an Empty Descriptor". */
export const emptyConfig = Buffer.from('{}')

export function digestOf(bytes: Uint8Array, algorithm = 'sha256'): string {
  return `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`
}

/** A manifest ready to be put, with its digest and the descriptor others name it by. */
export interface MadeManifest {
  mediaType: string
  bytes: Buffer
  digest: string
  descriptor: Descriptor
}

/** An artifact of one empty blob; `more` goes into the manifest. */
export function manifestOf(more: Record<string, unknown> = {}): MadeManifest {
  const empty = {
    mediaType: 'application/vnd.oci.empty.v1+json',
    digest: digestOf(emptyConfig),
    size: emptyConfig.length,
  }
  const mediaType = mediaTypes.ociManifest
  const bytes = Buffer.from(
    JSON.stringify({ schemaVersion: 2, mediaType, config: empty, layers: [empty], ...more }),
  )
  const digest = digestOf(bytes)
  return { mediaType, bytes, digest, descriptor: { mediaType, digest, size: bytes.length } }
}

/** Puts a blob by hand: POST, then one PUT. */
export async function pushBlob(url: string, repository: string, bytes: Buffer): Promise<string> {
  const session = await fetch(`${url}/v2/${repository}/blobs/uploads/`, { method: 'POST' })
  const to = new URL(session.headers.get('location') ?? '', url)
  const digest = digestOf(bytes)
  to.searchParams.set('digest', digest)
  const stored = await fetch(to, {
    method: 'PUT',
    headers: { 'content-type': 'application/octet-stream' },
    body: new Uint8Array(bytes),
  })
  if (stored.status !== 201) throw new Error(`the blob was not stored: HTTP ${stored.status}`)
  return digest
}
