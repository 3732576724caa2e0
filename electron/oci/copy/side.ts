import { Readable } from 'node:stream'
import { FailureError } from '../../../shared/model/failure.ts'
import type { BlobSource } from '../upload/blob-source.ts'
import type { ContentSource, ContentTarget } from './content.ts'

type Side = 'source' | 'target'

/** The same source; its failures say that they are the source's, for both ends may be the same host. */
export function asSource(source: ContentSource): ContentSource {
  return {
    name: source.name,
    resolve: (reference) => blaming('source', source.resolve(reference)),
    manifest: (content) => blaming('source', source.manifest(content)),
    hasBlob: (content) => blaming('source', source.hasBlob(content)),
    blob: (content) => blamedBlob(source.blob(content)),
    referrers: (digest) => blaming('source', source.referrers(digest)),
  }
}

/** The same target; its failures say that they are the target's, unless reading from the source broke off. */
export function asTarget(target: ContentTarget): ContentTarget {
  return {
    name: target.name,
    parallel: target.parallel,
    hasManifest: (digest, as) => blaming('target', target.hasManifest(digest, as)),
    putBlob: (blob, onSent) => blaming('target', target.putBlob(blob, onSent)),
    putManifest: (manifest, as) => blaming('target', target.putManifest(manifest, as)),
  }
}

function blamedBlob(blob: BlobSource): BlobSource {
  const read = async function* (start: number | undefined): AsyncGenerator<Uint8Array> {
    try {
      yield* blob.stream(start) as AsyncIterable<Uint8Array>
    } catch (error) {
      throw onSide('source', error)
    }
  }
  return {
    digest: blob.digest,
    size: blob.size,
    read: () => blaming('source', blob.read()),
    stream: (start) => Readable.from(read(start), { highWaterMark: 1 }),
  }
}

/** What fails happened on that side of the copy. */
export async function blaming<T>(side: Side, job: Promise<T>): Promise<T> {
  try {
    return await job
  } catch (error) {
    throw onSide(side, error)
  }
}

function onSide(side: Side, error: unknown): unknown {
  if (!(error instanceof FailureError)) return error
  const { failure } = error
  if (failure.side !== undefined || failure.kind === 'cancelled') return error
  return new FailureError(
    { ...failure, side, message: `On the ${side} side: ${failure.message}` },
    { cause: error },
  )
}
