import type { Failure } from '../../shared/model/failure.ts'
import { localFailure } from '../../shared/model/local-failure.ts'
import { digestOf } from '../oci/digest.ts'
import { readContent } from '../oci/image.ts'

/**
 * What is wrong with a manifest that was asked for by `digest`; undefined if it holds. Inside an index only
 * a manifest will do.
 */
export function faultOf(bytes: Uint8Array, digest: string, insideIndex: boolean): Failure | undefined {
  const actual = digestOf(bytes, digest)
  if (actual !== digest) {
    return localFailure('digest-mismatch', 'pull', 'The manifest has other content than its digest says.', {
      evidence: [
        { fact: 'expected', value: digest },
        { fact: 'actual', value: actual },
      ],
      next: ['ask-registry-admin'],
    })
  }
  const content = readContent(bytes)
  if (content !== undefined && !(insideIndex && content.type === 'index')) return undefined
  return localFailure(
    'answer-invalid',
    'pull',
    insideIndex ? 'This is no image manifest.' : 'This is neither an image manifest nor an index.',
    {
      next: ['choose-another-tag'],
    },
  )
}
