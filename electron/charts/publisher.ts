import { tagOfVersion } from '../../shared/model/chart.ts'
import { failureError } from '../../shared/model/local-failure.ts'
import type { Descriptor } from '../../shared/model/manifest.ts'
import { mediaTypes } from '../../shared/model/media-types.ts'
import { printReference, registryHost, repositorySchema, tagSchema } from '../../shared/model/reference.ts'
import {
  autoBufferLimit,
  type PublishEvent,
  type PublishInput,
  type PublishResult,
  type Route,
  type Strategy,
  strategyOf,
  type UploadMode,
  type WireMode,
  wireModeOf,
} from '../../shared/model/upload.ts'
import type { Transport } from '../oci/ask.ts'
import type { RegistryClient } from '../oci/client.ts'
import { putManifest } from '../oci/manifests.ts'
import { type BlobSource, blobOfBytes, blobOfFile } from '../oci/upload/blob-source.ts'
import type { UploadMemory } from '../oci/upload/memory.ts'
import { createProgress } from '../oci/upload/progress.ts'
import { uploadBlob } from '../oci/upload/upload.ts'
import type { Clock } from '../ports.ts'
import { createEventQueue } from './event-queue.ts'
import { helmConfig, helmManifest } from './helm-config.ts'
import type { Intake, StoredChart } from './intake.ts'
import { type Place, verify } from './verify.ts'

/** Puts charts that were taken in into registries. */
export interface Publisher {
  /**
   * Uploads config and chart, then the manifest under the version's tag, and reads it back. Aborting or closing
   * the generator ends the request under way at once. Throws a FailureError; the ticket stays either way, and
   * what was uploaded already is found and skipped the next time.
   */
  start(input: PublishInput, signal?: AbortSignal): AsyncGenerator<PublishEvent, PublishResult>
  /** How many are under way. */
  running(): number
}

interface Ports {
  intake: Pick<Intake, 'open'>
  clientOf: (registryId: string) => Promise<RegistryClient>
  clock: Clock
  memory: UploadMemory
  /** Bytes of a chart that are read into memory at most. */
  bufferBytes: () => Promise<number>
}

/** Where one publication goes and who hears of it. */
interface Job {
  ports: Ports
  input: PublishInput
  signal: AbortSignal
  emit: (event: PublishEvent) => void
}

/** A publisher of what `intake` holds, to the registries `clientOf` knows by id. */
export function createPublisher(ports: Ports): Publisher {
  let running = 0
  async function* run(
    input: PublishInput,
    signal: AbortSignal,
    close: () => void,
  ): AsyncGenerator<PublishEvent, PublishResult> {
    const queue = createEventQueue()
    running += 1
    const result = publish({ ports, input, signal, emit: queue.push }).finally(queue.end)
    // it is awaited below; until then a failure is nobody's business
    result.catch(() => undefined)
    try {
      yield* queue.events()
      return await result
    } finally {
      close()
      await result.catch(() => undefined)
      running -= 1
    }
  }
  return {
    start: (input, signal) => {
      const closed = new AbortController()
      const close = () => closed.abort()
      const either = AbortSignal.any([closed.signal, ...(signal !== undefined ? [signal] : [])])
      const generator = run(input, either, close)
      // a generator that waits for its next event hears of a return only after it: the upload must hear at once
      const end = generator.return.bind(generator)
      generator.return = (value) => {
        close()
        return end(value)
      }
      return generator
    },
    running: () => running,
  }
}

async function publish(job: Job): Promise<PublishResult> {
  const { ports, input, signal, emit } = job
  const stored = await ports.intake.open(input.ticket)
  const { metadata } = stored.file
  const client = await ports.clientOf(input.registryId)
  const { repository, tag } = targetOf(input, metadata)
  const place: Place = {
    transport: observed(client.transport, ports.clock, emit),
    url: client.url,
    repository,
    signal,
  }
  const config = blobOfBytes(helmConfig(metadata))
  const chart = blobOfFile({ path: stored.path, size: stored.file.size, digest: stored.file.digest })
  const { strategy, skipped } = await uploadBoth(job, { ...place, route: client.route }, { config, chart })
  const manifest = manifestOf(stored, config, chart)
  emit({ type: 'step', step: 'manifest' })
  const { digest } = await putManifest(
    { ...place, reference: tag, push: true },
    { mediaType: mediaTypes.ociManifest, bytes: manifest },
  )
  emit({ type: 'step', step: 'verify' })
  await verify(place, { tag, digest, blobs: [config, chart] })
  return {
    reference: printReference({ registry: registryHost(client.url), repository, tag }),
    digest,
    size: config.size + chart.size + manifest.length,
    mode: modeOf(input.mode, strategy, chart.size),
    ...(strategy !== undefined ? { strategy } : {}),
    skipped,
    version: metadata.version,
    plainHttp: client.url.startsWith('http:'),
  }
}

/** helm's rule: the repository ends in the chart's name, the tag is its version. */
function targetOf(
  { path }: PublishInput,
  { name, version }: { name: string; version: string },
): { repository: string; tag: string } {
  const repository = path === '' ? name : `${path}/${name}`
  const tag = tagOfVersion(version)
  if (!repositorySchema.safeParse(repository).success) {
    throw failureError(
      'reference-invalid',
      'input',
      `"${repository}" is no repository name: registries take lower-case letters, digits, ".", "_", "-" and "/".`,
      { next: ['check-name', 'repackage-chart'] },
    )
  }
  if (!tagSchema.safeParse(tag).success) {
    throw failureError('reference-invalid', 'input', `The version "${version}" is no tag.`, {
      next: ['repackage-chart'],
    })
  }
  return { repository, tag }
}

/** Sends the blobs that are not there. `strategy` is the chart's, absent where it had not to be sent. */
async function uploadBoth(
  { ports, input, emit }: Job,
  place: Place & { route: Route },
  blobs: { config: BlobSource; chart: BlobSource },
): Promise<{ strategy?: Strategy; skipped: number }> {
  const { config, chart } = blobs
  const { memory, clock } = ports
  const progress = createProgress({
    total: config.size + chart.size,
    clock,
    report: (now) => emit({ type: 'progress', ...now }),
  })
  const limits = { bufferBytes: await ports.bufferBytes() }
  let strategy: Strategy | undefined
  let skipped = 0
  let before = 0
  for (const [blob, source] of [
    ['config', config],
    ['chart', chart],
  ] as const) {
    emit({ type: 'step', step: 'check', blob })
    const sent = await uploadBlob({
      ...place,
      blob: source,
      mode: input.mode,
      memory,
      limits,
      clock,
      onEvent: (event) => {
        if (event.type === 'step') emit({ ...event, blob })
        else if (event.type === 'sent') progress.at(before + event.bytes)
        else emit(event)
      },
    })
    if (sent.existed) skipped += 1
    strategy = sent.strategy
    before += source.size
    progress.at(before)
  }
  return { skipped, ...(strategy !== undefined ? { strategy } : {}) }
}

/** The coarse word for how the chart travelled, or would have. */
function modeOf(mode: UploadMode, strategy: Strategy | undefined, size: number): WireMode {
  if (strategy !== undefined) return wireModeOf(strategy)
  if (mode !== 'auto') return wireModeOf(strategyOf(mode))
  return size <= autoBufferLimit ? 'buffered' : 'streamed'
}

function manifestOf(stored: StoredChart, config: BlobSource, chart: BlobSource): Uint8Array {
  const { metadata } = stored.file
  const descriptor = (mediaType: string, { digest, size }: BlobSource): Descriptor => ({
    mediaType,
    digest,
    size,
  })
  return helmManifest({
    metadata,
    config: descriptor(mediaTypes.helmConfig, config),
    layers: [descriptor(mediaTypes.helmChart, chart)],
    // the newest file of the chart and not now: the same chart always gets the same manifest
    created: new Date(stored.newest).toISOString().replace(/\.\d+Z$/, 'Z'),
  })
}

/** The same transport, with each exchange that ended told to whoever draws the timeline. */
function observed(transport: Transport, clock: Clock, emit: Job['emit']): Transport {
  return {
    ...transport,
    send: async (ask) => {
      const answer = await transport.send(ask)
      const exchange = {
        ...answer.exchange,
        duration: clock.now() - answer.exchange.startedAt,
        bytesReceived: answer.body.length,
      }
      emit({ type: 'exchange', exchange })
      return answer
    },
  }
}
