import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import { Readable } from 'node:stream'
import { expect, it } from 'vitest'
import { listen } from '../../../electron/demo/listen.ts'
import { createTransport } from '../../../electron/oci/transport.ts'
import type { BlobSource } from '../../../electron/oci/upload/blob-source.ts'
import { uploadBlob } from '../../../electron/oci/upload/upload.ts'

const mebibyte = 1024 * 1024
const size = 96 * mebibyte
const piece = 256 * 1024

/** A blob that is made as it is read and never lies anywhere, with a count of what was made and not yet sent. */
function generated(): BlobSource & { most: number; sent: (bytes: number) => void } {
  let made = 0
  let gone = 0
  async function* pieces(start: number): AsyncGenerator<Uint8Array> {
    made = start
    for (let at = start; at < size; at += piece) {
      const bytes = Buffer.alloc(Math.min(piece, size - at), 7)
      made += bytes.length
      blob.most = Math.max(blob.most, made - gone)
      yield bytes
    }
  }
  const blob = {
    digest,
    size,
    most: 0,
    read: () => Promise.reject(new Error('read into memory')),
    stream: (start = 0) => Readable.from(pieces(start), { objectMode: false }),
    sent: (bytes: number) => {
      gone = bytes
    },
  }
  return blob
}
const hash = createHash('sha256')
for (let at = 0; at < size; at += piece) hash.update(Buffer.alloc(piece, 7))
const digest = `sha256:${hash.digest('hex')}`

it.each(['streamed-put', 'streamed-patch', 'chunked'] as const)(
  '%s holds a few MiB of a large blob at a time, and reads it once',
  async (mode) => {
    let held = 0
    const server = createServer((request, response) => {
      request.on('data', (chunk: Buffer) => (held += chunk.length))
      request.once('end', () => {
        const status = { HEAD: held === size ? 200 : 404, POST: 202, PATCH: 202 }[request.method ?? ''] ?? 201
        const headers = { location: '/upload', ...(held > 1 ? { range: `0-${held - 1}` } : {}) }
        response.writeHead(status, { ...headers, 'content-length': request.method === 'HEAD' ? size : 0 })
        response.end()
      })
    })
    const { port, stop } = await listen(server, 0)
    const transport = createTransport({ record: () => undefined, clock: { now: Date.now } })
    const blob = generated()
    let opened = 0
    await uploadBlob({
      transport,
      url: `http://127.0.0.1:${port}`,
      repository: 'large',
      mode,
      blob: {
        ...blob,
        stream: (start) => {
          opened += 1
          return blob.stream(start)
        },
      },
      onEvent: (event) => event.type === 'sent' && blob.sent(event.bytes),
    })
    expect(held).toBe(size)
    expect(opened).toBe(1)
    expect(blob.most).toBeLessThan(4 * mebibyte)
    await transport.close()
    await stop()
  },
)
