import { pipeline } from 'node:stream'
import { crc32, createDeflateRaw } from 'node:zlib'

/** RFC 1952, 2.3: magic, deflate, FCOMMENT, no time, no hint about the level, no system; then the comment. */
const header = Buffer.concat([
  Buffer.from([0x1f, 0x8b, 8, 0x10, 0, 0, 0, 0, 0, 255]),
  Buffer.from('Helm\0', 'latin1'),
])

/** Compresses as gzip with the comment that `helm package` gives it; zlib's own stream writes none. */
export async function* helmGzip(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let sum = 0
  let size = 0
  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const chunk of source) {
      sum = crc32(chunk, sum)
      size += chunk.length
      yield chunk
    }
  }
  yield header
  const deflate = createDeflateRaw()
  // the callback has nothing to do: what breaks on either side is thrown by the loop below
  pipeline(counted(), deflate, () => undefined)
  for await (const chunk of deflate as AsyncIterable<Buffer>) yield chunk
  const trailer = Buffer.alloc(8)
  trailer.writeUInt32LE(sum, 0)
  trailer.writeUInt32LE(size % 2 ** 32, 4)
  yield trailer
}
