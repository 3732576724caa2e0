import { manifestAccept } from '../../shared/model/media-types.ts'
import type { PullAttempt, PullInput, PullReport } from '../../shared/model/pull.ts'
import { digestSchema, parseReference, printReference, type Reference } from '../../shared/model/reference.ts'
import type { Transport } from '../oci/ask.ts'
import { authorize } from '../oci/authorize.ts'
import { digestOf } from '../oci/digest.ts'
import { type ImageContent, manifestFor, platformsOf, readContent } from '../oci/image.ts'
import type { Clock } from '../ports.ts'
import { askHost, type Hop, type Served, type Walk } from './ask-host.ts'
import { faultOf } from './manifest-fault.ts'
import { readHosts } from './hosts-toml.ts'
import { judge, type Walked } from './verdict.ts'

export interface Pulls {
  /**
   * Walks a pull as containerd would, host by host; yields each attempt as it ends and returns the report.
   * Each host is asked once a step: containerd's repetitions (408 and 429 up to six times, from 2.1 on a 5xx
   * of the last host once) say nothing new and load a host that asks for rest.
   * Throws a FailureError for a reference or hosts.toml that does not hold, and when `signal` cancels.
   */
  walk(input: PullInput, signal: AbortSignal): AsyncGenerator<PullAttempt, PullReport>
}

export interface PullsPorts {
  transport: Transport
  clock: Clock
  /** A transport that proves who we are to the upstream at `url`, with the credential of a saved registry. */
  upstream: (registryId: string | undefined, url: string) => Promise<Transport>
  /** Milliseconds a host may stand still. */
  patience?: number
}

/** containerd refuses larger manifests; the odd number is its own (resolver.go, MaxManifestSize). */
const maxManifestBytes = 4 * 1048 * 1048

type Steps<T> = AsyncGenerator<PullAttempt, T | undefined>
type Facts = Pick<Walked, 'blob' | 'platform'>

export function createPulls(ports: PullsPorts): Pulls {
  return {
    walk: async function* (input, signal) {
      const reference = parseReference(input.reference)
      const hops = await hopsOf(ports, input, reference)
      const walk: Walk = {
        registry: reference.registry,
        repository: reference.repository,
        plain: ports.transport,
        clock: ports.clock,
        began: ports.clock.now(),
        patience: ports.patience ?? 15_000,
        signal,
      }
      const attempts: PullAttempt[] = []
      const steps = pull(walk, hops, reference, input.platform)
      let next = await steps.next()
      for (; next.done !== true; next = await steps.next()) {
        attempts.push(next.value)
        yield next.value
      }
      const verdict = judge({
        ...next.value,
        reference: printReference(reference),
        containerd: input.containerd,
        authenticated: input.registryId !== undefined,
        attempts,
      })
      return { reference: printReference(reference), attempts, verdict }
    },
  }
}

/** Credentials go to the upstream alone; a mirror that challenges is answered without any, as containerd does. */
async function hopsOf(ports: PullsPorts, input: PullInput, reference: Reference): Promise<Hop[]> {
  const hosts = readHosts(input.hostsToml, reference.registry)
  return Promise.all(
    hosts.map(async (host) => ({
      host,
      transport:
        host.role === 'upstream'
          ? await ports.upstream(input.registryId, host.origin)
          : authorize(ports.transport, {
              credential: undefined,
              registryUrl: host.origin,
              clock: ports.clock,
            }),
    })),
  )
}

/** The steps of a pull in containerd's order; ends at the first that nobody serves. */
async function* pull(
  walk: Walk,
  hops: readonly Hop[],
  reference: Reference,
  platform: string,
): AsyncGenerator<PullAttempt, Facts> {
  const digest = yield* resolve(walk, hops, reference)
  if (digest === undefined) return {}
  let content = yield* fetchManifest(walk, hops, digest, 'manifest')
  if (content?.type === 'index') {
    const chosen = manifestFor(content.index, platform)
    if (chosen === undefined) return { platform: { wanted: platform, offered: platformsOf(content.index) } }
    content = yield* fetchManifest(walk, hops, chosen.digest, 'platform-manifest')
  }
  if (content?.type !== 'manifest') return {}
  const blob = content.manifest.config
  yield* fetchFirst(walk, hops, {
    step: 'blob',
    method: 'GET',
    path: `blobs/${blob.digest}`,
    accept: `${blob.mediaType}, */*`,
    firstBytes: 1,
    maxBytes: 1,
  })
  return { blob: { digest: blob.digest, mediaType: blob.mediaType } }
}

/**
 * HEAD for the tag or digest at every host that may resolve it. A host that knows no HEAD (405) is asked
 * again with GET; so is one that serves without naming digest and length, and if that fails nobody else is
 * asked (resolver.go, Resolve).
 */
async function* resolve(walk: Walk, hops: readonly Hop[], reference: Reference): Steps<string> {
  const wanted = {
    step: 'resolve' as const,
    path: `manifests/${reference.digest ?? reference.tag}`,
    accept: manifestAccept,
    maxBytes: maxManifestBytes,
  }
  for (const hop of hops) {
    if (!hop.host.pull || (reference.digest === undefined && !hop.host.resolve)) continue
    const head = await askHost(walk, hop, { ...wanted, method: 'HEAD' })
    yield head.attempt
    const named = head.served === undefined ? undefined : (reference.digest ?? digestNamed(head.served))
    if (named !== undefined && head.served?.headers['content-length'] !== undefined) return named
    if (head.served === undefined && head.attempt.status !== 405) continue
    const get = await askHost(walk, hop, { ...wanted, method: 'GET' })
    yield get.attempt
    if (get.served !== undefined) return reference.digest ?? digestOf(get.served.body)
    if (head.served !== undefined) return undefined
  }
  return undefined
}

function digestNamed(served: Served): string | undefined {
  const digest = digestSchema.safeParse(served.headers['docker-content-digest'])
  return digest.success ? digest.data : undefined
}

async function* fetchManifest(
  walk: Walk,
  hops: readonly Hop[],
  digest: string,
  step: 'manifest' | 'platform-manifest',
): Steps<ImageContent> {
  const served = yield* fetchFirst(walk, hops, {
    step,
    method: 'GET',
    path: `manifests/${digest}`,
    accept: manifestAccept,
    maxBytes: maxManifestBytes,
    check: ({ body }) => faultOf(body, digest, step === 'platform-manifest'),
  })
  return served === undefined ? undefined : readContent(served.body)
}

/**
 * Asks one host after the other until one serves. containerd asks all of them, whatever their capabilities,
 * once one may pull (fetcher.go, Fetch; 1.7 to 2.3), and gives up where content does not match its digest.
 */
async function* fetchFirst(
  walk: Walk,
  hops: readonly Hop[],
  wanted: Parameters<typeof askHost>[2],
): Steps<Served> {
  for (const hop of hops) {
    const { attempt, served } = await askHost(walk, hop, wanted)
    yield attempt
    if (served !== undefined) return served
    const arrived = attempt.failure?.kind === 'digest-mismatch' || attempt.failure?.kind === 'answer-invalid'
    if (arrived) return undefined
  }
  return undefined
}
