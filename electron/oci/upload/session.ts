import { failureError } from '../../../shared/model/local-failure.ts'
import { digestSchema } from '../../../shared/model/reference.ts'
import type { AnswerHead, Ask, Transport } from '../ask.ts'
import { refusal } from '../refusal.ts'

/** Bytes of an answer to an upload request: registries send none, whoever refuses sends a page. */
const answerBytes = 1024 * 1024
/** Milliseconds a registry may think about the last byte before it answers: it hashes the whole blob then. */
const patience = 120_000
/** Milliseconds spent on telling a registry that a session is given up. */
const farewell = 2_000

/** Where a blob goes and what is told about its way. */
export interface UploadPlace {
  /** Authorized for the registry's own origin. */
  transport: Transport
  /** The registry's address. */
  url: string
  repository: string
  signal?: AbortSignal | undefined
}

/** One request of an upload. */
export function uploadAsk(
  place: UploadPlace,
  ask: Pick<Ask, 'method' | 'url' | 'phase'> & Partial<Ask>,
): Ask {
  return {
    role: 'registry',
    scope: `repository:${place.repository}:pull,push`,
    maxBytes: answerBytes,
    patience,
    ...(place.signal !== undefined ? { signal: place.signal } : {}),
    ...ask,
  }
}

/** POST …/blobs/uploads/ (distribution-spec end-4a): where the bytes are to be sent. */
export async function openSession(place: UploadPlace): Promise<string> {
  const ask = uploadAsk(place, {
    method: 'POST',
    url: new URL(`/v2/${place.repository}/blobs/uploads/`, place.url).toString(),
    phase: 'upload-session',
  })
  const answer = await place.transport.send(ask)
  const location = locationOf(ask, answer)
  if (!isAccepted(answer) || location === undefined) throw refusal(ask, answer)
  return location
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

/** A registry that names the digest it stored must name ours. */
export function checkStored(ask: Ask, answer: AnswerHead, digest: string): void {
  const stored = digestSchema.safeParse(answer.headers['docker-content-digest']).data
  if (stored === undefined || stored === digest) return
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

/** Tells the registry that nothing more will come. Most allow it only with a right to delete, so no answer matters. */
export async function abandonSession(place: UploadPlace, location: string): Promise<void> {
  const ask = uploadAsk(place, { method: 'DELETE', url: location, phase: 'upload-session' })
  await place.transport.send({ ...ask, signal: AbortSignal.timeout(farewell) }).catch(() => undefined)
}
