import { FailureError } from '../../shared/model/failure.ts'
import { failureError } from '../../shared/model/local-failure.ts'
import type { Transport } from '../oci/ask.ts'
import { headBlob } from '../oci/blobs.ts'
import { getManifest } from '../oci/manifests.ts'
import type { BlobSource } from '../oci/upload/blob-source.ts'

/** A registry's repository as one publication sees it. */
export interface Place {
  transport: Transport
  url: string
  repository: string
  signal: AbortSignal
}

/** Reads back what was written: the tag's manifest is ours, byte for byte, and its blobs are there in full. */
export async function verify(
  place: Place,
  written: { tag: string; digest: string; blobs: readonly BlobSource[] },
): Promise<void> {
  try {
    const { digest } = await getManifest({ ...place, reference: written.tag, push: true })
    if (digest !== written.digest)
      throw differs(place, 'the tag names another manifest', written.digest, digest)
    for (const blob of written.blobs) {
      const found = await headBlob({ ...place, digest: blob.digest, push: true })
      if (found === undefined) throw differs(place, 'a blob is missing', blob.digest, 'none')
      if (found.size !== undefined && found.size !== blob.size) {
        throw differs(place, 'a blob has another size', `${blob.size} bytes`, `${found.size} bytes`)
      }
    }
  } catch (error) {
    if (!(error instanceof FailureError)) throw error
    throw new FailureError({ ...error.failure, phase: 'verify' }, { cause: error })
  }
}

function differs(place: Place, what: string, expected: string, actual: string): FailureError {
  const { host } = new URL(place.url)
  return failureError('digest-mismatch', 'verify', `${host} does not hold what was sent: ${what}.`, {
    host,
    evidence: [
      { fact: 'expected', value: expected },
      { fact: 'actual', value: actual },
    ],
    retryable: true,
    next: ['retry', 'ask-registry-admin'],
  })
}
