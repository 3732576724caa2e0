import { type Failure, FailureError } from '../../shared/model/failure.ts'
import { failureError, localFailure } from '../../shared/model/local-failure.ts'
import type { SourceEntry, SourceState } from '../../shared/model/mirror-source.ts'
import type { Log } from '../log.ts'
import type { Clock } from '../ports.ts'
import { apart, type Collected, collectedOf, recordedOf } from './collected.ts'
import type { Recorded } from './history/history.ts'
import type { MirrorSource, SourceRound } from './sources/source.ts'

/** How far back a source's own past is looked at, ms: the longest window of the screen. */
const longestPast = 7 * 86_400_000

/** Asks one source again and again, and keeps what it said last. */
export interface Collector {
  readonly source: MirrorSource
  /** Begins the rounds; a second time changes nothing. */
  start(): void
  /**
   * Begins too, and makes a round now, over agents that are left alone as well. Resolves with when it began, once its
   * readings are in the history. Rejects with a FailureError `cancelled` when the collector is closed.
   */
  refresh(): Promise<number>
  state(): SourceState
  agents(): readonly Collected[]
  /** Aborts what runs and resolves when it has ended. */
  close(): Promise<void>
}

export interface CollectorPorts {
  source: MirrorSource
  entry: Pick<SourceEntry, 'id' | 'name' | 'demo' | 'settings'>
  clock: Clock
  /** Seconds between the beginnings of two rounds, asked anew before each pause. */
  seconds: () => Promise<number>
  record: (readings: readonly Recorded[]) => void
  /** The last reading of an agent that is kept, from an earlier run too. */
  last: (agent: string) => Recorded | undefined
  log: Log
  /** Called when there is something new to be shown. */
  onRound: () => void
  /** Milliseconds between two rounds at least, however often agents come and go. */
  shortestPause?: number
}

/**
 * One loop: a round, then a pause. Where the source has a past of its own, the first round is followed by reading what
 * the history lacks of it. Rounds go on meanwhile and are shown; only the newest of them is recorded, and after the
 * past, since a history takes an agent's readings in their order.
 */
export function createCollector(ports: CollectorPorts): Collector {
  const { source, entry, clock, log, shortestPause = 1000 } = ports
  const closing = new AbortController()
  const { signal } = closing
  let agents: Collected[] = []
  let made: (Omit<SourceRound, 'agents'> & { took: number }) | undefined
  let running: Promise<void> | undefined
  /** The past while it is read. */
  let past: Promise<void> | undefined
  let unrecorded: Recorded[] = []
  let asking: Array<PromiseWithResolvers<number>> = []
  let changed = false
  let endPause: () => void = () => undefined
  let shortenPause: () => void = () => undefined

  const askRound = async (everybody: boolean): Promise<SourceRound> => {
    const at = clock.now()
    try {
      return await source.round(signal, everybody)
    } catch (error) {
      signal.throwIfAborted()
      log.error({ err: error, source: entry.name }, 'a round failed unexplained')
      const failure = error instanceof FailureError ? error.failure : unexplained()
      return { at, way: made?.way ?? usualWay[entry.settings.kind], failure, agents: [] }
    }
  }

  const take = ({ agents: found, ...round }: SourceRound): void => {
    const results = apart(found)
    const before = new Map(agents.map((each) => [each.agent.id, each]))
    const { failure } = round
    agents =
      failure !== undefined && results.length === 0
        ? agents.map((each) => ({ ...each, ok: false, failure }))
        : results.map((result) => collectedOf(result, before.get(result.agent.id), ports.last))
    made = { ...round, took: clock.now() - round.at }
    unrecorded = results.flatMap((result) => recordedOf(entry.id, result))
  }

  const record = (): void => {
    const readings = unrecorded
    unrecorded = []
    if (readings.length > 0) ports.record(readings)
  }

  const readPast = async (to: number): Promise<void> => {
    const from = Math.max(to - longestPast, ...agents.map(({ agent }) => ports.last(agent.id)?.at ?? 0))
    try {
      for await (const results of source.past?.(from, to, signal) ?? []) {
        ports.record(apart(results).flatMap((result) => recordedOf(entry.id, result)))
      }
    } catch (error) {
      if (!signal.aborted) log.warn({ err: error, source: entry.name }, 'the past of a source was not read')
    }
    past = undefined
    record()
    ports.onRound()
  }

  const oneRound = async (): Promise<void> => {
    const asked = asking
    asking = []
    changed = false
    const isFirst = made === undefined
    try {
      const round = await askRound(asked.length > 0)
      take(round)
      if (isFirst && source.past !== undefined) past = readPast(round.at)
      if (past === undefined) record()
      ports.onRound()
      void (past ?? Promise.resolve()).then(() => asked.forEach((each) => each.resolve(round.at)))
    } catch (error) {
      for (const each of asked) each.reject(error)
      throw error
    }
  }

  const pause = (milliseconds: number): Promise<void> =>
    new Promise((resolve) => {
      if (signal.aborted || asking.length > 0) return resolve()
      let timer = setTimeout(end, changed ? Math.min(shortestPause, milliseconds) : milliseconds)
      function end(): void {
        clearTimeout(timer)
        signal.removeEventListener('abort', end)
        shortenPause = () => undefined
        resolve()
      }
      endPause = end
      shortenPause = () => {
        shortenPause = () => undefined
        clearTimeout(timer)
        timer = setTimeout(end, shortestPause)
      }
      signal.addEventListener('abort', end)
    })

  const run = async (): Promise<void> => {
    try {
      while (!signal.aborted) {
        await oneRound()
        const seconds = await ports.seconds()
        await pause(Math.max(seconds * 1000 - (made?.took ?? 0), shortestPause))
      }
    } catch (error) {
      if (!signal.aborted) log.error({ err: error, source: entry.name }, 'the rounds of a source ended')
    } finally {
      await past
      for (const each of asking) each.reject(closed())
    }
  }

  source.onChange?.(() => {
    changed = true
    shortenPause()
  })

  const start = (): void => {
    running ??= run()
  }

  return {
    source,
    start,
    refresh: () => {
      if (signal.aborted) return Promise.reject(closed())
      const asked = Promise.withResolvers<number>()
      asking.push(asked)
      start()
      endPause()
      return asked.promise
    },
    state: () => stateOf(entry, made, agents),
    agents: () => agents,
    close: async () => {
      closing.abort(closed())
      await running
      source.close()
    },
  }
}

const usualWay = { agents: 'direct', kubernetes: 'pod-proxy', prometheus: 'prometheus' } as const

/** How a source is doing after its last round. */
export function stateOf(
  { id, name, settings, demo }: CollectorPorts['entry'],
  round: (Omit<SourceRound, 'agents'> & { took: number }) | undefined,
  agents: readonly { ok: boolean }[],
): SourceState {
  const shown = { id, name, kind: settings.kind, demo }
  if (round === undefined) {
    return { ...shown, state: 'waiting', agents: 0, answering: 0, way: usualWay[settings.kind] }
  }
  const { at, took, way, failure } = round
  return {
    ...shown,
    state: failure === undefined ? 'ok' : 'failing',
    ...(failure !== undefined ? { failure } : {}),
    agents: agents.length,
    answering: agents.filter(({ ok }) => ok).length,
    at,
    took,
    way,
  }
}

function unexplained(): Failure {
  return localFailure('internal', 'scrape', 'A round failed for a reason this app does not know.', {
    next: ['report-bug'],
  })
}

function closed(): FailureError {
  return failureError('cancelled', 'scrape', 'The source was closed.')
}
