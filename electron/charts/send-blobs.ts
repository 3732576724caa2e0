import {
  autoBufferLimit,
  type PublishEvent,
  type Route,
  type Strategy,
  strategyOf,
  type UploadMode,
  type WireMode,
  wireModeOf,
} from '../../shared/model/upload.ts'
import { type FoundBlob, headBlob } from '../oci/blobs.ts'
import type { RepositoryPlace } from '../oci/place.ts'
import type { BlobSource } from '../oci/upload/blob-source.ts'
import type { Resumption } from '../oci/upload/job.ts'
import type { UploadMemory } from '../oci/upload/memory.ts'
import { createProgress } from '../oci/upload/progress.ts'
import { uploadBlob } from '../oci/upload/upload.ts'
import type { Clock } from '../ports.ts'
import type { ChartBlobs } from './publication.ts'

/** How the blobs of one chart are to travel, and who hears of it. */
export interface Sending {
  place: RepositoryPlace & { route: Route; signal: AbortSignal }
  mode: UploadMode
  memory: UploadMemory
  /** Bytes that are read into memory at most. */
  bufferBytes: number
  /** Bytes of a chunk; what suits the registry unless told. */
  chunkBytes?: number | undefined
  /** For the chart alone: everything else is small. */
  resumption?: Resumption | undefined
  clock: Clock
  emit: (event: PublishEvent) => void
}

/** What became of the blobs: the chart's shape, absent where it was there already, and how many were there. */
export interface Sent {
  strategy?: Strategy
  skipped: number
}

/**
 * Sends config, chart and provenance side by side, as helm does, unless they are there. When one fails the others
 * are ended too; throws the FailureError of the first. `foundChart` is what a HEAD of the chart says: where that is not
 * there, what lies beside it is not asked for, as sending it is hardly more.
 */
export async function sendBlobs(
  sending: Sending,
  { config, chart, provenance }: ChartBlobs,
  foundChart: Promise<FoundBlob>,
): Promise<Sent> {
  const { place, emit, clock, bufferBytes, chunkBytes } = sending
  const stop = new AbortController()
  const signal = AbortSignal.any([place.signal, stop.signal])
  const progress = createProgress({
    total: sum([config.size, chart.size, provenance?.size ?? 0]),
    clock,
    report: (now) => emit({ type: 'progress', ...now }),
  })
  const bytes = { config: 0, chart: 0, provenance: 0 }
  const send = async (name: keyof ChartBlobs, blob: BlobSource) => {
    const at = (sent: number) => {
      bytes[name] = sent
      progress.at(sum(Object.values(bytes)))
    }
    emit({ type: 'step', step: 'check', blob: name })
    const result = await uploadBlob({
      ...place,
      signal,
      blob,
      find: async () => {
        const found = await foundChart
        return name === 'chart' || found === undefined
          ? found
          : headBlob({ ...place, signal, digest: blob.digest })
      },
      mode: sending.mode,
      memory: sending.memory,
      limits: { bufferBytes, ...(chunkBytes !== undefined ? { chunkBytes } : {}) },
      ...(name === 'chart' && sending.resumption !== undefined ? { resumption: sending.resumption } : {}),
      clock,
      onEvent: (event) => {
        if (event.type === 'step') emit({ ...event, blob: name })
        else if (event.type === 'sent') at(event.bytes)
        else emit(event)
      },
    })
    at(blob.size)
    return result
  }
  const all = [send('config', config), send('chart', chart)]
  if (provenance !== undefined) all.push(send('provenance', provenance))
  try {
    const results = await Promise.all(all)
    const skipped = results.filter(({ existed }) => existed).length
    const strategy = results[1]?.strategy
    return { skipped, ...(strategy !== undefined ? { strategy } : {}) }
  } catch (error) {
    stop.abort()
    await Promise.allSettled(all)
    throw error
  }
}

/** Of bytes. */
export function sum(sizes: readonly number[]): number {
  return sizes.reduce((total, size) => total + size, 0)
}

/** The coarse word for how a chart of `size` bytes travelled, or would have. */
export function modeOf(mode: UploadMode, strategy: Strategy | undefined, size: number): WireMode {
  if (strategy !== undefined) return wireModeOf(strategy)
  if (mode !== 'auto') return wireModeOf(strategyOf(mode))
  return size <= autoBufferLimit ? 'buffered' : 'streamed'
}
