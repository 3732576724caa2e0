import { createHash } from 'node:crypto'

/** The digest of exactly these bytes, in the algorithm `like` names (`sha512:…`), else sha256. */
export function digestOf(bytes: Uint8Array, like?: string): string {
  const algorithm = like?.startsWith('sha512:') === true ? 'sha512' : 'sha256'
  return `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`
}
