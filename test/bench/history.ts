import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openHistory } from '../../electron/mirrors/history/open-history.ts'
import type { AgentSample, Histogram } from '../../electron/mirrors/metrics/sample.ts'

const hour = 3_600_000

export interface HistoryFigures {
  /** Size of the file afterwards, bytes. */
  bytes: number
  /** Median and slowest round, ms. */
  record: { median: number; slowest: number }
  /** Growth of all agents over a day, median, ms. */
  growth: number
  /** The series of a day in steps of 5 minutes: of all agents, of one, ms. */
  series: { all: number; one: number }
}

/**
 * Records rounds as a busy cluster has them: in every round every agent was asked for `busy` of its registries.
 */
export function measureHistory(of: {
  agents: number
  registries: number
  busy: number
  hours: number
  /** Between two rounds. */
  seconds: number
}): HistoryFigures {
  const directory = mkdtempSync(join(tmpdir(), 'chartroom-history-'))
  let now = Date.UTC(2026, 0, 5)
  const history = openHistory({ directory, clock: { now: () => now } })
  try {
    const from = now
    const pause = of.seconds * 1000
    const samples = Array.from({ length: of.agents }, () => fresh(of.registries, now - hour))
    const rounds: number[] = []
    for (; now <= from + of.hours * hour; now += pause) {
      for (const [index, sample] of samples.entries()) work(sample, of.busy, now / pause + index)
      const readings = samples.map((sample, index) => ({
        source: 's',
        agent: `node-${index}`,
        at: now,
        sample,
      }))
      rounds.push(timed(() => history.record(readings)))
    }
    now -= pause
    const day = { from: now - 24 * hour, to: now }
    const growths = Array.from({ length: 9 }, () => timed(() => history.growth('s', day)))
    const all = timed(() => history.series({ sources: ['s'] }, day, 300_000))
    const one = timed(() => history.series({ sources: ['s'], agent: 'node-1' }, day, 300_000))
    history.close()
    return {
      bytes: statSync(join(directory, 'mirrors.sqlite')).size,
      record: { median: median(rounds), slowest: Math.max(...rounds) },
      growth: median(growths),
      series: { all, one },
    }
  } finally {
    history.close()
    rmSync(directory, { recursive: true, force: true })
  }
}

const bounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

function fresh(registries: number, startedAt: number): AgentSample {
  const histogram = (): Histogram => ({ bounds, counts: bounds.map(() => 0), sum: 0, count: 0 })
  const names = Array.from({ length: registries }, (_, index) => `registry-${index}.example.com`)
  return {
    counts: names.map((registry) => ({ registry, hits: 0, misses: 0 })),
    answers: ['200', '206', '404'].flatMap((code) =>
      ['GET', 'HEAD'].map((method) => ({ code, method, count: 0 })),
    ),
    served: histogram(),
    notFound: histogram(),
    resolve: histogram(),
    bytes: 0,
    readiness: { ready: 0, notReady: 0 },
    startedAt,
    lastSuccessAt: 0,
    peers: 12,
    resident: 80_000_000,
    advertised: names.flatMap((registry) =>
      ['image_tags', 'image_digests', 'content_digests'].map((what) => ({ what, registry, count: 40 })),
    ),
    traits: Array.from({ length: 20 }, (_, index) => `libp2p_family_${index}`),
  }
}

/** What an agent counts in one round. */
function work(sample: AgentSample, busy: number, seed: number): void {
  for (let asked = 0; asked < busy; asked++) {
    const count = sample.counts[(seed + asked) % sample.counts.length]
    if (count !== undefined) count.hits += 1 + (seed % 7)
    if (count !== undefined) count.misses += seed % 3
    for (const answer of sample.answers ?? []) answer.count += (seed + asked) % 3
    for (const histogram of [sample.served, sample.notFound, sample.resolve]) {
      if (histogram === undefined) continue
      histogram.counts = histogram.counts.map((each, index) => each + (index > seed % 6 ? 3 : 0))
      histogram.count += 3
      histogram.sum += 0.0421
    }
    sample.bytes = (sample.bytes ?? 0) + 4_200_000
  }
  if (sample.readiness !== undefined) sample.readiness.ready += 1
}

function timed(job: () => unknown): number {
  const begin = performance.now()
  job()
  return performance.now() - begin
}

function median(times: number[]): number {
  return times.toSorted((one, other) => one - other)[Math.floor(times.length / 2)] ?? NaN
}
