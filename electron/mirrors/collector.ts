import { type Failure, FailureError } from '../../shared/model/failure.ts'
import { failureError, localFailure } from '../../shared/model/local-failure.ts'
import type { SourceEntry, SourceState } from '../../shared/model/mirror-source.ts'
import type { Log } from '../log.ts'
import type { Clock } from '../ports.ts'
import { apart, type Collected, collectedOf, recordedOf } from './collected.ts'
import type { Recorded } from './history/history.ts'
import { createPause } from './pause.ts'
import type { AgentResult, MirrorSource, SourceRound } from './sources/source.ts'

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
  seconds: () => number
  record: (readings: readonly Recorded[]) => void
  /** The last reading of an agent that is kept, from an earlier run too. */
  last: (agent: string) => Recorded | undefined
  log: Log
  /** Called when there is something new to be shown. */
  onRound: () => void
  /** Milliseconds between two rounds at least, however often agents come and go; and between two looks at one round. */
  shortestPause?: number
}

/**
 * One loop: a round, then a pause. Where the source has a past of its own, what the history lacks of it is read after
 * the first round that succeeds. Rounds go on meanwhile and are shown; only the newest of them is recorded, and after the
 * past, since a history takes an agent's readings in their order.
 */
export function createCollector(ports: CollectorPorts): Collector {
  const { source, entry, clock, log, shortestPause = 1000 } = ports
  const closing = new AbortController()
  const { signal } = closing
  const pause = createPause()
  let agents: Collected[] = []
  let made: (Omit<SourceRound, 'agents'> & { took: number }) | undefined
  let running: Promise<void> | undefined
  /** The past while it is read, which is once, after the first round in which the source answered. */
  let past: Promise<void> | undefined
  let hasPast = source.past === undefined
  let unrecorded: Recorded[] = []
  let asking: Array<PromiseWithResolvers<number>> = []

  const askRound = async (everybody: boolean): Promise<SourceRound> => {
    const at = clock.now()
    const early: AgentResult[] = []
    const onResult = (result: AgentResult): void => void early.push(result)
    const showing = setInterval(() => showEarly(early.splice(0)), shortestPause)
    try {
      return await source.round(signal, { everybody, onResult })
    } catch (error) {
      signal.throwIfAborted()
      log.error({ err: error, source: entry.name }, 'a round failed unexplained')
      const failure = error instanceof FailureError ? error.failure : unexplained()
      return { at, way: made?.way ?? usualWay[entry.settings.kind], failure, agents: [] }
    } finally {
      clearInterval(showing)
    }
  }

  /** Those who answered while others are waited for. Who claims whose id is known only when the round has ended. */
  const showEarly = (results: readonly AgentResult[]): void => {
    const known = new Map(agents.map((each) => [each.agent.id, each]))
    const shown = results.filter(({ agent }) => made === undefined || known.has(agent.id))
    if (shown.length === 0) return
    for (const result of shown) {
      known.set(result.agent.id, collectedOf(result, known.get(result.agent.id), ports.last))
    }
    agents = [...known.values()]
    ports.onRound()
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
    try {
      const round = await askRound(asked.length > 0)
      take(round)
      if (round.failure === undefined && !hasPast) {
        hasPast = true
        past = readPast(round.at)
      }
      if (past === undefined) record()
      ports.onRound()
      void (past ?? Promise.resolve()).then(() => asked.forEach((each) => each.resolve(round.at)))
    } catch (error) {
      for (const each of asked) each.reject(error)
      throw error
    }
  }

  const run = async (): Promise<void> => {
    try {
      while (!signal.aborted) {
        await oneRound()
        await pause.wait(Math.max(ports.seconds() * 1000 - (made?.took ?? 0), shortestPause), signal)
      }
    } catch (error) {
      if (!signal.aborted) log.error({ err: error, source: entry.name }, 'the rounds of a source ended')
    } finally {
      await past
      for (const each of asking) each.reject(closed())
    }
  }

  source.onChange?.(() => pause.shorten(shortestPause))

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
      if (running === undefined) start()
      else pause.shorten(0)
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
  const answering = agents.filter(({ ok }) => ok).length
  const shown = { id, name, kind: settings.kind, demo, agents: agents.length, answering }
  if (round === undefined) return { ...shown, state: 'waiting', way: usualWay[settings.kind] }
  const { at, took, way, failure, warnings = [], clockOffset } = round
  return {
    ...shown,
    state: failure === undefined ? 'ok' : 'failing',
    ...(failure !== undefined ? { failure } : {}),
    at,
    took,
    way,
    ...(warnings.length > 0 ? { warnings: warnings.slice(0, 20).map((each) => each.slice(0, 500)) } : {}),
    ...(clockOffset !== undefined ? { clockOffset } : {}),
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
