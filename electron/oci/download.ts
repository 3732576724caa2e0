import { Readable } from 'node:stream'
import { FailureError, type FailureKind } from '../../shared/model/failure.ts'
import { failureError } from '../../shared/model/local-failure.ts'
import type { AnswerHead, Ask } from './ask.ts'
import { blobAsk, type BlobPlace } from './blobs.ts'
import { createDigest, digestMismatch } from './digest.ts'
import { followOpen } from './redirect.ts'
import { refusal } from './refusal.ts'

/** Times a download goes on after a drop: altogether, and without one more byte in between. */
const maxResumes = 100
const maxStalls = 3
/** Bytes of a refusal that are read to explain it. */
const refusalBytes = 64 * 1024

/** What a drop looks like; whatever else happens is an answer and stands. */
const drops: ReadonlySet<FailureKind> = new Set(['connection-lost', 'timeout'])

export interface BlobDownload {
  /** Bytes of the whole blob, where the caller or the registry knows. */
  size?: number
  /**
   * The blob's bytes. It ends only when they have the digest; otherwise it is destroyed with a FailureError, so
   * whoever writes them away keeps nothing before the end.
   */
  stream: Readable
}

interface Opened {
  ask: Ask
  answer: AnswerHead & { stream: Readable }
}

/**
 * GET of a blob of any size, never whole in memory. After a drop it goes on where it stood by Range (RFC 9110,
 * section 14; distribution-spec, "Pulling blobs"); a registry that sends all of it again is read past what is known.
 * `size` is what the descriptor says. Rejects with a FailureError where the blob is not to be had at all.
 */
export async function openBlob(given: BlobPlace & { size?: number | undefined }): Promise<BlobDownload> {
  const letGo = new AbortController()
  const signal = given.signal === undefined ? letGo.signal : AbortSignal.any([given.signal, letGo.signal])
  const place = { ...given, signal }
  const first = await open(place, place.size, 0)
  const announced = lengthOf(first.answer)
  if (place.size !== undefined && announced !== undefined && announced !== place.size) {
    first.answer.stream.destroy()
    throw wrongSize(first.ask, place.size, announced)
  }
  const size = place.size ?? announced
  const download: Download = { place, size, open: first }
  const stream = Readable.from(bytesOf(download), { objectMode: false })
  // a generator that waits for bytes cannot be ended: what it waits for is
  const end = stream._destroy.bind(stream)
  stream._destroy = (error, done) => {
    download.open?.answer.stream.destroy()
    letGo.abort()
    end(error, done)
  }
  return { stream, ...(size !== undefined ? { size } : {}) }
}

interface Download {
  place: BlobPlace
  size: number | undefined
  /** The answer that is being read. */
  open: Opened | undefined
}

async function* bytesOf(download: Download): AsyncGenerator<Uint8Array> {
  const { place, size } = download
  const { host } = new URL(place.url)
  const digest = createDigest(place.digest)
  let received = 0
  let stalls = 0
  for (let resumes = 0; ; resumes += 1) {
    const before = received
    try {
      download.open ??= await open(place, size, received)
      for await (const chunk of unknownBytes(download.open, received)) {
        received += chunk.length
        if (size !== undefined && received > size) throw tooLong(host, size)
        digest.update(chunk)
        yield chunk
      }
      if (size === undefined || received === size) break
      throw cutShort(host, size, received)
    } catch (error) {
      if (!(error instanceof FailureError) || !drops.has(error.failure.kind)) throw error
      stalls = received > before ? 0 : stalls + 1
      if (stalls >= maxStalls || resumes >= maxResumes) throw error
    } finally {
      download.open?.answer.stream.destroy()
      download.open = undefined
    }
  }
  const actual = digest.digest()
  if (actual !== place.digest) throw digestMismatch(host, 'blob', place.digest, actual)
}

/** Asks for the blob from `start` on. */
async function open(place: BlobPlace, size: number | undefined, start: number): Promise<Opened> {
  const whole = blobAsk(place, Math.max(size ?? Number.MAX_SAFE_INTEGER, refusalBytes))
  const from: Ask = start === 0 ? whole : { ...whole, headers: { range: `bytes=${start}-` } }
  const { ask, answer } = await followOpen(place.transport, from, 'storage')
  if (answer.status === 200) return { ask, answer }
  if (answer.status === 206 && start > 0) {
    if (continues(answer, start, size)) return { ask, answer }
    answer.stream.destroy()
    throw wrongRange(ask, answer, start)
  }
  throw refusal(ask, { ...answer, body: await textOf(answer.stream) })
}

/** The bytes of an answer that are not known yet: a 200 begins anew, a 206 where it was told to. */
async function* unknownBytes({ answer }: Opened, received: number): AsyncGenerator<Uint8Array> {
  let skip = answer.status === 206 ? 0 : received
  for await (const chunk of answer.stream as AsyncIterable<Uint8Array>) {
    if (chunk.length > skip) yield chunk.subarray(skip)
    skip = Math.max(0, skip - chunk.length)
  }
}

/** Content-Range: bytes <start>-<end>/<size or *>. */
function continues(answer: AnswerHead, start: number, size: number | undefined): boolean {
  const [, from, , of] =
    /^bytes (\d{1,16})-(\d{1,16})\/(\d{1,16}|\*)$/.exec(answer.headers['content-range'] ?? '') ?? []
  return Number(from) === start && (of === '*' || size === undefined || Number(of) === size)
}

function lengthOf(answer: AnswerHead): number | undefined {
  const length = Number(answer.headers['content-length'] ?? Number.NaN)
  return Number.isSafeInteger(length) && length >= 0 ? length : undefined
}

async function textOf(stream: Readable): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let length = 0
  try {
    for await (const chunk of stream as AsyncIterable<Uint8Array>) {
      chunks.push(chunk)
      length += chunk.length
      if (length >= refusalBytes) break
    }
  } catch {
    // the status was said: what was read so far explains it
  }
  return Buffer.concat(chunks)
}

function wrongRange(ask: Ask, answer: AnswerHead, start: number) {
  const { host } = new URL(ask.url)
  return failureError(
    'answer-invalid',
    ask.phase,
    `${host} sent another part of the blob than was asked for.`,
    {
      host,
      evidence: [
        { fact: 'expected', value: `bytes ${start}-` },
        { fact: 'actual', value: (answer.headers['content-range'] ?? 'absent').slice(0, 200) },
      ],
      next: ['retry', 'ask-registry-admin'],
    },
  )
}

function wrongSize(ask: Ask, size: number, announced: number) {
  const { host } = new URL(ask.url)
  return failureError(
    'answer-invalid',
    ask.phase,
    `${host} has another blob than the one of ${size} bytes.`,
    {
      host,
      evidence: [
        { fact: 'expected', value: String(size) },
        { fact: 'actual', value: String(announced) },
      ],
      next: ['ask-registry-admin'],
    },
  )
}

function tooLong(host: string, size: number) {
  return failureError('answer-invalid', 'blob', `${host} sent more than the ${size} bytes of the blob.`, {
    host,
    evidence: [{ fact: 'limit', value: String(size) }],
    next: ['ask-registry-admin'],
  })
}

function cutShort(host: string, size: number, received: number) {
  return failureError('connection-lost', 'blob', `${host} sent ${received} of ${size} bytes of the blob.`, {
    host,
    evidence: [
      { fact: 'expected', value: String(size) },
      { fact: 'actual', value: String(received) },
    ],
    retryable: true,
    next: ['retry', 'check-network'],
  })
}
