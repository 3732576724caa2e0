import { constants, gunzipSync } from 'node:zlib'

/** Bytes an error unpacks to at most. */
const unpackedBytes = 1024 * 1024

/**
 * An error's body as text. Who asks for gzip may get errors in it as well; what was cut is unpacked as far as it goes,
 * and what cannot be unpacked is no text: it is empty.
 */
export function errorText(body: Uint8Array, headers: Readonly<Record<string, string>>): string {
  const encoding = headers['content-encoding']?.trim().toLowerCase()
  if (encoding !== 'gzip') return Buffer.from(body).toString('utf8')
  try {
    const options = { maxOutputLength: unpackedBytes, finishFlush: constants.Z_SYNC_FLUSH }
    return gunzipSync(body, options).toString('utf8')
  } catch {
    return ''
  }
}
