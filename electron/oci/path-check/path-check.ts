import { type Failure, FailureError } from '../../../shared/model/failure.ts'
import type { PathCheckReport, PathCheckResult } from '../../../shared/model/path-check.ts'
import type { Route, Strategy } from '../../../shared/model/upload.ts'
import type { Clock } from '../../ports.ts'
import type { Transport } from '../ask.ts'
import type { RegistryClient } from '../client.ts'
import type { UploadMemory } from '../upload/memory.ts'
import { uploadBlob } from '../upload/upload.ts'
import { printReport } from './markdown.ts'
import { randomBlob } from './random-blob.ts'
import { recommend } from './recommend.ts'
import { teach } from './teach.ts'
import { createTidying, type Tidying } from './tidy.ts'
import { verdictEnds } from './verdict-ends.ts'

/** Milliseconds without progress until a cell has failed: half of what an upload bears, for there are many. */
const patience = 60_000

export interface PathCheckJob {
  /** The registry by way of a route, with one credential for all of them. */
  clientFor(route: Route): Promise<RegistryClient>
  /** Where the blobs go; no manifest is ever put. */
  repository: string
  routes: readonly Route[]
  strategies: readonly Strategy[]
  /** Sizes of the blobs. */
  bytes: readonly number[]
  /** What `auto` knows: brought up to date with what was found. */
  memory?: UploadMemory
  limits?: {
    /** Bytes that `buffered` reads into memory at most. */
    bufferBytes?: number
  }
  signal: AbortSignal
  clock: Clock
}

/**
 * Uploads random blobs over every route in every shape, small ones first, and says which arrived. One result a cell
 * as it ends; the return value has them all, what to use and why.
 *
 * A shape that failed over a route is not tried with larger blobs, and what has nothing to do with shapes is not
 * tried again either (`verdictEnds`): such cells are absent from the results, for nothing is known of them. Blobs
 * are deleted; where the registry does not allow that, the result says so. Aborting `signal` closes the socket at
 * once. Throws a FailureError when cancelled or when a route cannot be opened, never for a cell that failed.
 */
export async function* checkPath(job: PathCheckJob): AsyncGenerator<PathCheckResult, PathCheckReport> {
  const { repository, clock, memory } = job
  const startedAt = clock.now()
  const bytes = [...new Set(job.bytes)].toSorted((a, b) => a - b)
  const tidying = createTidying(repository)
  const results: PathCheckResult[] = []
  let url: string | undefined
  routes: for (const route of new Set(job.routes)) {
    const client = await job.clientFor(route)
    url ??= client.url
    rows: for (const strategy of new Set(job.strategies)) {
      for (const size of bytes) {
        const result = await tryCell(job, client, { route, strategy, bytes: size }, tidying)
        const anyPassed = results.some(({ ok }) => ok)
        results.push(result)
        yield result
        if (result.failure === undefined) continue
        const ends = verdictEnds(result.failure, anyPassed)
        if (ends === 'check') break routes
        if (ends === 'route') continue routes
        continue rows
      }
    }
  }
  if (url === undefined) throw new Error('a path check needs a route')
  if (memory !== undefined) await teach(memory, { url, results, bytes, at: clock.now() })
  const recommended = recommend(results, bytes)
  const report = {
    url,
    repository,
    startedAt,
    results,
    complete: recommended !== undefined && recommended.bytes === bytes.at(-1),
    ...(recommended !== undefined ? { recommended } : {}),
  }
  return { ...report, markdown: printReport(report, { ...job, bytes }) }
}

async function tryCell(
  job: PathCheckJob,
  client: RegistryClient,
  cell: Pick<PathCheckResult, 'route' | 'strategy' | 'bytes'>,
  tidying: Tidying,
): Promise<PathCheckResult> {
  const { repository, limits, signal, clock } = job
  const blob = await randomBlob({ size: cell.bytes, signal })
  const begun = clock.now()
  const failure = await failureOf(
    uploadBlob({
      transport: withPatience(client.transport),
      url: client.url,
      repository,
      signal,
      blob,
      mode: cell.strategy,
      clock,
      ...(limits !== undefined ? { limits } : {}),
      onEvent: () => undefined,
    }),
  )
  const milliseconds = clock.now() - begun
  const leftBehind = await tidying.after(client, blob.digest, failure)
  if (failure?.kind === 'cancelled') throw new FailureError(failure)
  const outcome = failure === undefined ? { ok: true } : { ok: false, failure }
  return { ...cell, ...outcome, milliseconds, leftBehind }
}

async function failureOf(upload: Promise<unknown>): Promise<Failure | undefined> {
  try {
    await upload
    return undefined
  } catch (error) {
    if (error instanceof FailureError) return error.failure
    throw error
  }
}

function withPatience(transport: Transport): Transport {
  return {
    send: (ask) => transport.send({ ...ask, patience }),
    open: (ask) => transport.open({ ...ask, patience }),
    close: transport.close,
  }
}
