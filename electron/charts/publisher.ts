import { FailureError } from '../../shared/model/failure.ts'
import { mediaTypes } from '../../shared/model/media-types.ts'
import { printReference, registryHost } from '../../shared/model/reference.ts'
import type { Learned, PublishEvent, PublishInput, PublishResult } from '../../shared/model/upload.ts'
import type { Ask, Transport } from '../oci/ask.ts'
import { type FoundBlob, headBlob } from '../oci/blobs.ts'
import type { RegistryClient } from '../oci/client.ts'
import { type ManifestPlace, putManifest } from '../oci/manifests.ts'
import type { Resumption } from '../oci/upload/job.ts'
import type { UploadMemory } from '../oci/upload/memory.ts'
import { learnedFor } from '../oci/upload/plan.ts'
import { jobStream } from '../job-stream.ts'
import type { Clock } from '../ports.ts'
import type { FixedTags } from './fixed-tags.ts'
import type { History } from './history.ts'
import type { Intake } from './intake.ts'
import { type ChartBlobs, publicationOf, targetOf } from './publication.ts'
import { modeOf, type Sending, type Sent, sendBlobs, sum } from './send-blobs.ts'
import { isIn, refuseOverwriting, taggedDigest } from './tagged.ts'
import { verify } from './verify.ts'

/** Milliseconds of an upload after which its tag is looked at anew: somebody else may have published meanwhile. */
const staleMilliseconds = 5_000

/** Puts charts that were taken in into registries. */
export interface Publisher {
  /**
   * Uploads config and chart, then the manifest under the version's tag, and reads it back; nothing where the tag
   * names this chart already. A tag with other content is a FailureError of kind `conflict`, unless `overwrite` names
   * that very content. Aborting or closing the generator ends the requests under way at once. Throws a FailureError;
   * the ticket stays either way, and what was uploaded already is found and skipped the next time. With `resumption`
   * a chart that goes in chunks can be gone on with by a later run of the app.
   */
  start(
    input: PublishInput,
    signal?: AbortSignal,
    resumption?: Resumption,
  ): AsyncGenerator<PublishEvent, PublishResult>
  /** How many are under way. */
  running(): number
  /** What auto knows of a registry, by the route it is reached now; with `bytes` only what matters to such a blob. */
  learned(input: { registryId: string; bytes?: number | undefined }): Promise<Learned | null>
  /** Forgets it for every route. */
  forget(registryId: string): Promise<{ forgotten: boolean }>
}

interface Ports {
  intake: Pick<Intake, 'open'>
  clientOf: (registryId: string) => Promise<RegistryClient>
  clock: Clock
  memory: UploadMemory
  /** Bytes of a chart that are read into memory at most. */
  bufferBytes: () => Promise<number>
  fixedTags: FixedTags
  /** Hears of every chart that was put into a registry. */
  onPublished?: (published: Parameters<History['add']>[0]) => void
}

/** Where one publication goes and who hears of it. */
interface Job {
  ports: Ports
  input: PublishInput
  signal: AbortSignal
  resumption?: Resumption | undefined
  emit: (event: PublishEvent) => void
}

/** A publisher of what `intake` holds, to the registries `clientOf` knows by id. */
export function createPublisher(ports: Ports): Publisher {
  let running = 0
  return {
    start: (input, signal, resumption) =>
      jobStream<PublishEvent, PublishResult>(signal, async ({ emit, abort }) => {
        running += 1
        try {
          return await publish({ ports, input, signal: abort.signal, resumption, emit })
        } finally {
          running -= 1
        }
      }),
    running: () => running,
    learned: async ({ registryId, bytes }) => {
      const { url, route } = await ports.clientOf(registryId)
      const learned = await ports.memory.recall(url, route)
      if (learned === undefined) return null
      const known = { url, bufferBytes: await ports.bufferBytes(), learned }
      return bytes === undefined ? learned : (learnedFor(bytes, known) ?? null)
    },
    forget: async (registryId) => {
      const { url } = await ports.clientOf(registryId)
      return { forgotten: await ports.memory.forget(url) }
    },
  }
}

async function publish(job: Job): Promise<PublishResult> {
  const { ports, input, signal, emit } = job
  const begun = ports.clock.now()
  const stored = await ports.intake.open(input.ticket)
  const { metadata } = stored.file
  const client = await ports.clientOf(input.registryId)
  const { repository, tag } = targetOf(input.path, metadata)
  const publication = publicationOf(stored)
  const { blobs, manifest, digest } = publication
  const transport = observed(client.transport, emit)
  const place = { transport, url: client.url, route: client.route, repository, signal, push: true }
  const tagged = { ...place, reference: tag }
  emit({ type: 'step', step: 'check' })
  // beside the tag: on a long way a round trip costs more than a HEAD that was asked in vain
  const foundChart = headBlob({ ...place, digest: blobs.chart.digest })
  // where the tag decides it, nobody waits for what it says
  foundChart.catch(() => undefined)
  const found = await taggedDigest(tagged)
  // where the tag names this chart, all of it is there
  const isThere = found !== undefined && found !== input.overwrite && (await isIn(tagged, found, publication))
  if (found !== undefined && !isThere) {
    refuseOverwriting(tagged, { found, own: digest, overwrite: input.overwrite })
  }
  const unmoved = async () => {
    if (ports.clock.now() - begun < staleMilliseconds) return
    const now = await taggedDigest(tagged)
    if (now === undefined || now === found || now === digest) return
    refuseOverwriting(tagged, { found: now, own: digest, overwrite: found })
  }
  // broken off, it would take its connection along
  if (isThere) await Promise.allSettled([foundChart])
  const sizes = Object.values(blobs).map(({ size }) => size)
  const { strategy, skipped } = isThere
    ? { skipped: sizes.length }
    : await sendAll(job, { place, tagged, blobs, foundChart, bytes: manifest, unmoved })
  const published = {
    reference: printReference({ registry: registryHost(client.url), repository, tag }),
    digest: isThere ? found : digest,
    size: sum(sizes) + manifest.length,
    ...(strategy !== undefined ? { strategy } : {}),
    version: metadata.version,
  }
  if (!isThere) {
    const { registryId, mode } = input
    const seconds = (ports.clock.now() - begun) / 1000
    ports.onPublished?.({ ...published, chart: metadata.name, registryId, mode, seconds })
  }
  return {
    ...published,
    mode: modeOf(input.mode, strategy, blobs.chart.size),
    skipped,
    plainHttp: client.url.startsWith('http:'),
  }
}

/** Blobs first, then the manifest, which is read back. */
async function sendAll(
  { ports, input, resumption, emit }: Job,
  parts: {
    place: Sending['place']
    tagged: ManifestPlace
    blobs: ChartBlobs
    foundChart: Promise<FoundBlob>
    bytes: Uint8Array
    /** Throws where somebody else has moved the tag since the upload began. */
    unmoved: () => Promise<void>
  },
): Promise<Sent> {
  const { clock, memory } = ports
  const bufferBytes = await ports.bufferBytes()
  const { mode, chunkBytes } = input
  const sending = { place: parts.place, mode, memory, bufferBytes, chunkBytes, clock, resumption, emit }
  const sent = await sendBlobs(sending, parts.blobs, parts.foundChart)
  await parts.unmoved()
  emit({ type: 'step', step: 'manifest' })
  const manifest = { mediaType: mediaTypes.ociManifest, bytes: parts.bytes }
  const digest = await putUnderTag(ports.fixedTags, parts.tagged, manifest)
  emit({ type: 'step', step: 'verify' })
  await verify(parts.tagged, digest)
  return sent
}

/** Returns the digest of what was put; a registry that does not let the tag be moved is remembered for it. */
async function putUnderTag(
  fixedTags: FixedTags,
  tagged: ManifestPlace,
  manifest: { mediaType: string; bytes: Uint8Array },
): Promise<string> {
  const place = { ...tagged, tag: tagged.reference }
  try {
    const { digest } = await putManifest(tagged, manifest)
    fixedTags.written(place)
    return digest
  } catch (error) {
    if (error instanceof FailureError && error.failure.kind === 'conflict') {
      fixedTags.refused(place, error.failure)
    }
    throw error
  }
}

/** The same transport, with each exchange told to whoever draws the timeline, also one that nobody answered. */
function observed(transport: Transport, emit: Job['emit']): Transport {
  const heard = (ask: Ask): Ask => ({
    ...ask,
    onExchange: (exchange) => emit({ type: 'exchange', exchange }),
  })
  return {
    send: (ask) => transport.send(heard(ask)),
    open: (ask) => transport.open(heard(ask)),
    close: transport.close,
  }
}
