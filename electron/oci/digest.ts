import { createHash, type Hash } from 'node:crypto'
import { type FailureError, type Phase } from '../../shared/model/failure.ts'
import { failureError } from '../../shared/model/local-failure.ts'
import type { Ask } from './ask.ts'

/** The digest of exactly these bytes, in the algorithm `like` names (`sha512:…`), else sha256. */
export function digestOf(bytes: Uint8Array, like?: string): string {
  const algorithm = algorithmOf(like)
  return `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`
}

/** A digest in the making, in the algorithm `like` names; `digest()` may be called once. */
export function createDigest(like: string): { update(bytes: Uint8Array): void; digest(): string } {
  const algorithm = algorithmOf(like)
  const hash: Hash = createHash(algorithm)
  return {
    update: (bytes) => void hash.update(bytes),
    digest: () => `${algorithm}:${hash.digest('hex')}`,
  }
}

/** Throws `digest-mismatch` unless `bytes` have the digest `expected`. */
export function checkDigest(ask: Ask, bytes: Uint8Array, expected: string): void {
  const actual = digestOf(bytes, expected)
  if (actual !== expected) throw digestMismatch(new URL(ask.url).host, ask.phase, expected, actual)
}

/** The error for bytes of `host` that are not the ones a digest names. */
export function digestMismatch(host: string, phase: Phase, expected: string, actual: string): FailureError {
  return failureError('digest-mismatch', phase, `${host} sent other bytes than ${expected} names.`, {
    host,
    evidence: [
      { fact: 'expected', value: expected },
      { fact: 'actual', value: actual },
    ],
    retryable: true,
    next: ['retry', 'ask-registry-admin'],
  })
}

function algorithmOf(digest: string | undefined): 'sha256' | 'sha512' {
  return digest?.startsWith('sha512:') === true ? 'sha512' : 'sha256'
}
