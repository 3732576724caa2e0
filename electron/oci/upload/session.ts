import { failureError } from '../../../shared/model/local-failure.ts'
import { digestSchema } from '../../../shared/model/reference.ts'
import type { Strategy } from '../../../shared/model/upload.ts'
import type { Answer, AnswerHead, Ask } from '../ask.ts'
import type { RepositoryPlace } from '../place.ts'
import { refusal } from '../refusal.ts'
import type { BlobSource } from './blob-source.ts'

/** Bytes of an answer to an upload request: registries send none, whoever refuses sends a page. */
const answerBytes = 1024 * 1024
/** Milliseconds a registry may think about the last byte before it answers: it hashes the whole blob then. */
const defaultPatience = 120_000
/** Milliseconds spent on telling a registry that a session is given up. */
const farewell = 2_000
const maxRedirects = 5

/** Where a blob goes. */
export interface UploadPlace extends RepositoryPlace {
  /** Milliseconds without progress before a request fails with `timeout`; two minutes unless told. */
  patience?: number
}

/** An upload the registry waits for. */
export interface Session {
  /** Where it goes on: it moves with every answer, and is deleted there when it is given up. */
  location: string
  /** OCI-Chunk-Min-Length in bytes; 1 where the registry names none. */
  readonly minChunk: number
  /** Bytes the registry confirmed, by chunks alone; more than 0 in one that an earlier run of the app left open. */
  held: number
}

/** One blob on its way into an open session. */
export interface Sending {
  blob: BlobSource
  session: Session
  /** Bytes of a chunk at most, and how a streamed PATCH is framed: docker does not tell the length. */
  chunkBytes: number
  framing: 'length' | 'chunked'
  /** Hears how many bytes have left so far; fewer than before where some are sent anew. */
  onSent: (bytes: number) => void
  /** Hears whenever the registry confirmed further bytes of `session.held`. */
  onHeld?: () => void
  /** Hears that all bytes are there and the session is about to be closed. */
  onCommit: () => void
}

/** A strategy: carries the blob and closes the session. Throws a FailureError and leaves the session to its caller. */
export type SendBlob = (place: UploadPlace, sending: Sending) => Promise<void>

/** Registries take no other type: distribution answers 500, zot 415. */
export const bytesType = { 'content-type': 'application/octet-stream' }

/** One request of an upload. */
export function uploadAsk(
  place: UploadPlace,
  ask: Pick<Ask, 'method' | 'url' | 'phase'> & Partial<Ask>,
): Ask {
  return {
    role: 'registry',
    scope: `repository:${place.repository}:pull,push`,
    maxBytes: answerBytes,
    patience: place.patience ?? defaultPatience,
    ...(place.signal !== undefined ? { signal: place.signal } : {}),
    ...ask,
  }
}

/**
 * Sends a request of an upload. 307 and 308 keep method and body (RFC 9110, section 15.4) and are followed, the body
 * made anew, under the rules of `locationOf`. Returns the ask that was answered last with its answer.
 */
export async function sendUpload(place: UploadPlace, first: Ask): Promise<{ ask: Ask; answer: Answer }> {
  let ask = first
  for (let hops = 0; hops <= maxRedirects; hops += 1) {
    const answer = await place.transport.send(ask)
    const location = [307, 308].includes(answer.status) ? locationOf(ask, answer) : undefined
    if (location === undefined) return { ask, answer }
    ask = { ...ask, url: location }
  }
  const { host } = new URL(first.url)
  throw failureError('redirect-refused', first.phase, `${host} redirected more than ${maxRedirects} times.`, {
    host,
    next: ['ask-registry-admin'],
  })
}

/** POST …/blobs/uploads/ (distribution-spec end-4a): where the bytes are to be sent. */
export async function openSession(place: UploadPlace): Promise<Session> {
  const { ask, answer } = await sendUpload(
    place,
    uploadAsk(place, {
      method: 'POST',
      url: new URL(`/v2/${place.repository}/blobs/uploads/`, place.url).toString(),
      phase: 'upload-session',
    }),
  )
  const location = locationOf(ask, answer)
  if (!isAccepted(answer) || location === undefined) throw refusal(ask, answer)
  const minChunk = Number(answer.headers['oci-chunk-min-length'])
  return { location, minChunk: Number.isSafeInteger(minChunk) && minChunk > 0 ? minChunk : 1, held: 0 }
}

/** The empty PUT that closes a session whose bytes are all there (distribution-spec end-6). */
export async function closeSession(
  place: UploadPlace,
  { blob, session, onCommit }: Sending,
  strategy: Strategy,
): Promise<void> {
  onCommit()
  const { ask, answer } = await sendUpload(
    place,
    uploadAsk(place, {
      method: 'PUT',
      url: commitUrl(session.location, blob.digest),
      phase: 'upload-commit',
      headers: bytesType,
    }),
  )
  if (!isAccepted(answer)) throw refusal(ask, answer, strategy)
  checkStored(ask, answer, blob.digest)
}

/** Registries differ in what they say to a PATCH or PUT that went well: ECR 201, ggcr's own 204, the spec 202 and 201. */
export function isAccepted({ status }: AnswerHead): boolean {
  return [200, 201, 202, 204].includes(status)
}

/**
 * Location of an answer, relative ones resolved, query and all; undefined where there is none. It may lead to
 * another host, which gets no Authorization; from https to plain http it may not lead.
 */
export function locationOf(ask: Ask, answer: AnswerHead): string | undefined {
  const text = answer.headers['location']
  if (text === undefined) return undefined
  const from = new URL(ask.url)
  const to = parseLocation(text, from)
  const isHttp = to?.protocol === 'http:' || to?.protocol === 'https:'
  if (to !== undefined && isHttp && (to.protocol === 'https:' || from.protocol === 'http:'))
    return to.toString()
  throw failureError(
    'redirect-refused',
    ask.phase,
    `${from.host} wants the bytes sent to an address that is not safe: does its proxy set X-Forwarded-Proto?`,
    {
      host: from.host,
      evidence: [{ fact: 'location', value: to === undefined ? 'invalid' : to.origin.slice(0, 2000) }],
      next: ['ask-proxy-admin', 'ask-registry-admin'],
    },
  )
}

function parseLocation(text: string, base: URL): URL | undefined {
  const schemeless = /^[\w.-]+:\d+\//.test(text) ? `${base.protocol}//${text}` : text
  return URL.canParse(schemeless, base.toString()) ? new URL(schemeless, base) : undefined
}

/** The address that closes a session: `digest` behind whatever query the registry gave. */
export function commitUrl(location: string, digest: string): string {
  return `${location}${location.includes('?') ? '&' : '?'}digest=${encodeURIComponent(digest)}`
}

/**
 * A registry that names the digest it stored must name ours. One of the other algorithm says nothing about ours:
 * distribution 2.8 and 3.1 name the sha256 of what was pushed as sha512.
 */
export function checkStored(ask: Ask, answer: AnswerHead, digest: string): void {
  const stored = digestSchema.safeParse(answer.headers['docker-content-digest']).data
  if (stored === undefined || stored === digest || algorithmOf(stored) !== algorithmOf(digest)) return
  const { host } = new URL(ask.url)
  throw failureError('digest-mismatch', ask.phase, `${host} stored other bytes than were sent.`, {
    host,
    evidence: [
      { fact: 'expected', value: digest },
      { fact: 'actual', value: stored },
    ],
    retryable: true,
    next: ['retry', 'ask-registry-admin'],
  })
}

function algorithmOf(digest: string): string {
  return digest.slice(0, digest.indexOf(':'))
}

/** Tells the registry that nothing more will come. Most allow it only with a right to delete, so no answer matters. */
export async function abandonSession(place: UploadPlace, location: string): Promise<void> {
  const ask = uploadAsk(place, { method: 'DELETE', url: location, phase: 'upload-session' })
  await place.transport.send({ ...ask, signal: AbortSignal.timeout(farewell) }).catch(() => undefined)
}
