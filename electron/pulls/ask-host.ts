import type { Readable } from 'node:stream'
import { explainAnswer } from '../../shared/model/explain.ts'
import { type Failure, FailureError } from '../../shared/model/failure.ts'
import { failureError } from '../../shared/model/local-failure.ts'
import type { PullAttempt, PullStep } from '../../shared/model/pull.ts'
import type { AnswerHead, Ask, Transport } from '../oci/ask.ts'
import type { Clock } from '../ports.ts'
import type { PullHost } from './hosts-toml.ts'

/** A host of the walk and the transport that proves who we are to it, if anything does. */
export interface Hop {
  host: PullHost
  transport: Transport
}

/** One request of the walk, the same for every host it is put to. */
export interface Wanted {
  step: PullStep
  method: 'HEAD' | 'GET'
  /** Below the repository: `manifests/2.14.1`, `blobs/sha256:…`. */
  path: string
  accept: string
  /** Asks for this many leading bytes alone, and reads no more whatever comes. */
  firstBytes?: number
  /** Bytes of the answer that are read at most. */
  maxBytes: number
  /** Says what is wrong with an answer that was served; nothing if it holds. */
  check?: (answer: Served) => Failure | undefined
}

export interface Served {
  headers: Readonly<Record<string, string>>
  body: Buffer
}

/** What stays the same over the walk. */
export interface Walk {
  /** The host part of the reference: mirrors are told it as `ns`. */
  registry: string
  repository: string
  /** Without credentials, for redirects that lead elsewhere. */
  plain: Transport
  clock: Clock
  /** When the walk began, ms since 1970. */
  began: number
  patience: number
  signal: AbortSignal
}

/** Bytes of an error answer that are read to explain it. */
const explainedBytes = 64 * 1024
const maxRedirects = 5

interface Answered {
  head: AnswerHead
  stream: Readable
  role: 'mirror' | 'registry' | 'storage'
  host: string
}

/**
 * Puts one request to one host and says how it went. Throws only when the walk is cancelled. A mirror's 404
 * is `not-here`; whatever else is not served is a `fault`.
 */
export async function askHost(
  walk: Walk,
  hop: Hop,
  wanted: Wanted,
): Promise<{ attempt: PullAttempt; served?: Served }> {
  const url = urlOf(walk, hop.host, wanted.path)
  const start = walk.clock.now()
  const attempt = (
    more: Pick<PullAttempt, 'answeredBy' | 'outcome'> & Partial<PullAttempt>,
  ): PullAttempt => ({
    host: hop.host.host,
    role: hop.host.role,
    step: wanted.step,
    method: wanted.method,
    url,
    start: start - walk.began,
    duration: walk.clock.now() - start,
    ...more,
  })
  let status: number | undefined
  try {
    const answer = await follow(walk, hop, wanted, url)
    status = answer.head.status
    const good = status >= 200 && status <= 299
    const body = await readUpTo(answer.stream, good ? (wanted.firstBytes ?? wanted.maxBytes) : explainedBytes)
    if (!good) {
      const failure = explain(answer, wanted, body)
      return { attempt: attempt({ status, ...judged(hop.host, wanted, status, failure) }) }
    }
    const served = { headers: answer.head.headers, body }
    const answeredBy = answer.head.exchange.answeredBy
    const failure = wanted.check?.(served)
    if (failure !== undefined) return { attempt: attempt({ status, answeredBy, outcome: 'fault', failure }) }
    return { attempt: attempt({ status, answeredBy, outcome: 'served' }), served }
  } catch (error) {
    if (!(error instanceof FailureError) || walk.signal.aborted) throw error
    const failure = ownTlsSaid(hop.host, error.failure)
    return {
      attempt: attempt({
        ...(status === undefined ? {} : { status }),
        answeredBy: failure.answeredBy,
        outcome: 'fault',
        failure,
      }),
    }
  }
}

/** `ns` names the registry to every host that is not the registry itself (containerd, resolver.go, isProxy). */
function urlOf(walk: Walk, host: PullHost, path: string): string {
  const isRegistry =
    host.host === walk.registry || (walk.registry === 'docker.io' && host.host === 'registry-1.docker.io')
  const query = isRegistry ? '' : `?ns=${encodeURIComponent(walk.registry)}`
  return `${host.origin}${host.path}/${walk.repository}/${path}${query}`
}

async function follow(walk: Walk, hop: Hop, wanted: Wanted, first: string): Promise<Answered> {
  const { origin } = new URL(first)
  let url = first
  for (let redirects = 0; ; redirects += 1) {
    // what the file says for this host, and our credential, stay with this host
    const at = new URL(url)
    const atHome = at.origin === origin
    const role = atHome ? (hop.host.role === 'mirror' ? 'mirror' : 'registry') : 'storage'
    const ask: Ask = {
      method: wanted.method,
      url,
      phase: 'pull',
      role,
      headers: {
        accept: wanted.accept,
        ...(wanted.firstBytes === undefined ? {} : { range: `bytes=0-${wanted.firstBytes - 1}` }),
        ...(atHome ? hop.host.headers : {}),
      },
      scope: `repository:${walk.repository}:pull`,
      signal: walk.signal,
      // a host that ignores Range sends the whole blob: it is left after the first bytes
      maxBytes: wanted.firstBytes === undefined ? wanted.maxBytes : Number.MAX_SAFE_INTEGER,
      patience: walk.patience,
    }
    const { stream, ...head } = await (atHome ? hop.transport : walk.plain).open(ask)
    const location = redirectOf(head)
    if (location === undefined) return { head, stream, role, host: at.host }
    stream.destroy()
    const next = URL.canParse(location, url) ? new URL(location, url) : undefined
    if (next === undefined || !/^https?:$/.test(next.protocol))
      throw redirectRefused(at.host, location, 'no web address')
    if (redirects === maxRedirects)
      throw redirectRefused(at.host, next.host, `the ${maxRedirects + 1}th in a row`)
    url = next.toString()
  }
}

function redirectOf(head: AnswerHead): string | undefined {
  return [301, 302, 303, 307, 308].includes(head.status) ? head.headers['location'] : undefined
}

function redirectRefused(host: string, to: string, why: string): FailureError {
  return failureError('redirect-refused', 'pull', `A redirect from ${host} was not followed: it is ${why}.`, {
    host,
    evidence: [{ fact: 'location', value: to.slice(0, 200) }],
    next: ['ask-registry-admin'],
  })
}

/** Reads until `limit` bytes are there or nothing more comes, and lets go of the rest. */
async function readUpTo(stream: Readable, limit: number): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of stream as AsyncIterable<Uint8Array>) {
    chunks.push(chunk)
    length += chunk.length
    if (length >= limit) break
  }
  return Buffer.concat(chunks).subarray(0, limit)
}

function explain(answer: Answered, wanted: Wanted, body: Buffer): Failure {
  return explainAnswer({
    phase: 'pull',
    role: answer.role,
    host: answer.host,
    method: wanted.method,
    status: answer.head.status,
    headers: answer.head.headers,
    body: body.toString('utf8'),
    connectionClosed: answer.head.connectionClosed,
  })
}

/** A HEAD has no body to tell a mirror's 404 from that of something in front; containerd goes on either way. */
function judged(
  host: PullHost,
  wanted: Wanted,
  status: number,
  failure: Failure,
): Pick<PullAttempt, 'answeredBy' | 'outcome' | 'failure'> {
  const known = failure.kind === 'not-here' || failure.kind === 'not-found'
  const ordinary = host.role === 'mirror' && status === 404 && (known || wanted.method === 'HEAD')
  return { answeredBy: failure.answeredBy, outcome: ordinary ? 'not-here' : 'fault', failure }
}

/** A certificate the file tells containerd to accept is no fault of the host: the message says what we cannot do. */
function ownTlsSaid(host: PullHost, failure: Failure): Failure {
  if (!host.ownTls || failure.kind !== 'tls-untrusted') return failure
  return {
    ...failure,
    message: `${failure.message} hosts.toml sets skip_verify, ca or client for it: containerd follows that, this walk does not.`,
  }
}
