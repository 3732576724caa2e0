import { createHash } from 'node:crypto'
import type { Content } from '../copy/content.ts'
import { failureError } from '../../../shared/model/local-failure.ts'

/**
 * The same bytes, compared with the size and digest that name them. The last chunk is held back until both hold:
 * nobody who counts what arrives is left with all of it and a wrong digest.
 */
export async function* checked(
  bytes: AsyncIterable<Uint8Array>,
  { digest, size }: Pick<Content, 'digest' | 'size'>,
  name: string,
): AsyncGenerator<Uint8Array> {
  const algorithm = digest.slice(0, digest.indexOf(':'))
  const hash = createHash(algorithm)
  let seen = 0
  let held: Uint8Array | undefined
  for await (const chunk of bytes) {
    seen += chunk.length
    if (seen > size) break
    hash.update(chunk)
    if (held !== undefined) yield held
    held = chunk
  }
  const actual = `${algorithm}:${hash.digest('hex')}`
  if (seen !== size || actual !== digest)
    throw contentMismatch(name, digest, seen === size ? actual : `${seen} of ${size} bytes`)
  if (held !== undefined) yield held
}

/** What is kept as `expected` has other bytes. */
export function contentMismatch(name: string, expected: string, actual: string) {
  return failureError('digest-mismatch', 'input', `What ${name} keeps as ${expected} is something else.`, {
    evidence: [
      { fact: 'expected', value: expected },
      { fact: 'actual', value: actual },
    ],
    next: ['choose-another-file'],
  })
}
