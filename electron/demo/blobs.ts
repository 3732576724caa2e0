import { digestSchema } from '../../shared/model/reference.ts'
import { type Reply, Refusal } from './reply.ts'
import type { Store } from './store.ts'

/** GET and HEAD: end-2, with one byte range (RFC 9110, section 14.2); several ranges are answered whole. */
export function getBlob(store: Store, repository: string, digest: string, range: string | undefined): Reply {
  const blob = store.blob(repository, known(digest))
  if (blob === undefined) throw new Refusal(404, 'BLOB_UNKNOWN', `${repository} has no blob ${digest}`)
  const headers = {
    'Content-Type': 'application/octet-stream',
    'Docker-Content-Digest': digest,
    'Accept-Ranges': 'bytes',
  }
  const part = range === undefined ? undefined : partOf(range, blob.byteLength)
  if (part === undefined) return { status: 200, headers, body: blob }
  const contentRange = `bytes ${part.start}-${part.end}/${blob.byteLength}`
  return {
    status: 206,
    headers: { ...headers, 'Content-Range': contentRange },
    body: blob.subarray(part.start, part.end + 1),
  }
}

/** DELETE: end-10. */
export function deleteBlob(store: Store, repository: string, digest: string): Reply {
  if (!store.removeBlob(repository, known(digest))) {
    throw new Refusal(404, 'BLOB_UNKNOWN', `${repository} has no blob ${digest}`)
  }
  return { status: 202 }
}

function known(digest: string): string {
  if (!digestSchema.safeParse(digest).success) {
    throw new Refusal(400, 'DIGEST_INVALID', `"${digest}" is no digest`)
  }
  return digest
}

/** First and last byte of a Range header, both inclusive; undefined where it is to be ignored. */
function partOf(range: string, size: number): { start: number; end: number } | undefined {
  const [match, first = '', last = ''] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(range) ?? []
  if (match === undefined || (first === '' && last === '')) return undefined
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first)
  const end = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1)
  if (first !== '' && last !== '' && Number(last) < Number(first)) return undefined
  if (start >= size) {
    throw new Refusal(416, 'RANGE_INVALID', `the blob has ${size} bytes`, {
      'Content-Range': `bytes */${size}`,
    })
  }
  return { start, end }
}
