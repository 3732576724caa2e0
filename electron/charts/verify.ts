import { FailureError } from '../../shared/model/failure.ts'
import { failureError } from '../../shared/model/local-failure.ts'
import { getManifest, headManifest, type ManifestPlace } from '../oci/manifests.ts'

/**
 * Reads back what was written: the tag names our manifest. One HEAD, and a GET only where the registry names no
 * digest: a PUT of a blob told its digest already, and a registry takes no manifest whose blobs are missing.
 */
export async function verify(place: ManifestPlace, digest: string): Promise<void> {
  try {
    const found = (await headManifest(place))?.digest ?? (await getManifest(place)).digest
    if (found !== digest) throw differs(place, digest, found)
  } catch (error) {
    if (!(error instanceof FailureError)) throw error
    throw new FailureError({ ...error.failure, phase: 'verify' }, { cause: error })
  }
}

function differs({ url }: ManifestPlace, expected: string, actual: string): FailureError {
  const { host } = new URL(url)
  const message = `${host} does not hold what was sent: the tag names another manifest.`
  return failureError('digest-mismatch', 'verify', message, {
    host,
    evidence: [
      { fact: 'expected', value: expected },
      { fact: 'actual', value: actual },
    ],
    retryable: true,
    next: ['retry', 'ask-registry-admin'],
  })
}
