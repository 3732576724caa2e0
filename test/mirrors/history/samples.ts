import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { HistoryPorts } from '../../../electron/mirrors/history/open-history.ts'
import { openHistory } from '../../../electron/mirrors/history/open-history.ts'
import type { History } from '../../../electron/mirrors/history/history.ts'
import type { AgentSample } from '../../../electron/mirrors/metrics/sample.ts'
import type { Failure } from '../../../shared/model/failure.ts'

export const second = 1000
export const minute = 60 * second
export const hour = 60 * minute
export const day = 24 * hour

/** A Monday, at a begin of an hour. */
export const monday = Date.UTC(2026, 0, 5, 12)

/** A sample that has no more than what is given. */
export function sampleOf(some: Partial<AgentSample> = {}): AgentSample {
  return { counts: [], advertised: [], traits: [], ...some }
}

export function hits(hits: number, misses = 0, registry = 'docker.io'): AgentSample {
  return sampleOf({ counts: [{ registry, hits, misses }] })
}

export function freshDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'chartroom-history-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

/** A history at a told time: `at` moves the clock and returns the time. */
export interface Told {
  history: History
  directory: string
  troubles: Failure[]
  at(time: number): number
  /** Records one reading of agent `a` of source `s` at its own time. */
  read(time: number, sample: AgentSample, agent?: string, source?: string): void
  /** The same profile in another process, or after a restart of the app. */
  again(): History
}

export function toldHistory(ports: Partial<HistoryPorts> = {}): Told {
  const directory = ports.directory ?? freshDirectory()
  const troubles: Failure[] = []
  let now = monday
  const open = () => {
    const onTrouble = (failure: Failure) => troubles.push(failure)
    const history = openHistory({ directory, clock: { now: () => now }, onTrouble, ...ports })
    onTestFinished(() => history.close())
    return history
  }
  const history = open()
  const at = (time: number) => (now = time)
  return {
    history,
    directory,
    troubles,
    at,
    read: (time, sample, agent = 'a', source = 's') =>
      history.record([{ source, agent, at: at(time), sample }]),
    again: open,
  }
}
