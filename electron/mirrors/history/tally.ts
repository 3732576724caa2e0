import { sumOfHistograms } from '../metrics/histogram.ts'
import type { AnswerCount, Histogram, Totals } from '../metrics/sample.ts'
import type { Growth, Range } from './history.ts'
import type { Interval } from './interval.ts'
import type { Names } from './names.ts'

/** Totals, with numbers for names, that more can be added to. */
export interface Tally {
  /** Measured time, ms. */
  covered: number
  restarts: number
  /** By number of the registry. */
  counts: Map<number, { hits: number; misses: number }>
  /** By number of code and method. */
  answers?: Map<number, number>
  served?: Histogram
  notFound?: Histogram
  bytes?: number
  resolve?: Histogram
  readiness?: { ready: number; notReady: number }
}

export const histogramNames = ['served', 'notFound', 'resolve'] as const

export function emptyTally(): Tally {
  return { covered: 0, restarts: 0, counts: new Map() }
}

/** Adds what an agent counted between two readings. */
export function addInterval(tally: Tally, { since, until, growth, restarts }: Interval, names: Names): void {
  tally.covered += until - since
  tally.restarts += restarts
  addTotals(tally, growth, names)
}

function addTotals(tally: Tally, totals: Totals, names: Names): void {
  for (const { registry, hits, misses } of totals.counts) {
    addCounts(tally, names.id('registry', registry), hits, misses)
  }
  if (totals.answers !== undefined) {
    tally.answers ??= new Map()
    for (const { code, method, count } of totals.answers) {
      addAnswers(tally.answers, names.id('answer', `${code}\n${method}`), count)
    }
  }
  for (const name of histogramNames) {
    const histogram = totals[name]
    if (histogram !== undefined) addHistogram(tally, name, knownBounds(histogram, names))
  }
  if (totals.bytes !== undefined) tally.bytes = (tally.bytes ?? 0) + totals.bytes
  if (totals.readiness !== undefined) {
    addReadiness(tally, totals.readiness.ready, totals.readiness.notReady)
  }
}

export function tallyOf(totals: Totals, names: Names): Tally {
  const tally = emptyTally()
  addTotals(tally, totals, names)
  return tally
}

/** Beyond the number of bounds that are kept apart, a histogram has none. */
function knownBounds(histogram: Histogram, names: Names): Histogram {
  const bounds = names.bounds(names.boundsId(histogram.bounds))
  return { ...histogram, bounds, counts: bounds.map((_, index) => histogram.counts[index] ?? 0) }
}

export function addCounts(tally: Tally, registry: number, hits: number, misses: number): void {
  const count = tally.counts.get(registry)
  if (count === undefined) tally.counts.set(registry, { hits, misses })
  else {
    count.hits += hits
    count.misses += misses
  }
}

export function addAnswers(answers: Map<number, number>, answer: number, count: number): void {
  answers.set(answer, (answers.get(answer) ?? 0) + count)
}

/** Takes `more` over: it may be changed by what is added later. */
export function addHistogram(tally: Tally, name: (typeof histogramNames)[number], more: Histogram): void {
  const sum = tally[name]
  if (sum === undefined) tally[name] = more
  else if (sum.bounds !== more.bounds) tally[name] = sumOfHistograms([sum, more]) ?? more
  else {
    for (let index = 0; index < more.counts.length; index++) {
      sum.counts[index] = (sum.counts[index] ?? 0) + (more.counts[index] ?? 0)
    }
    sum.sum += more.sum
    sum.count += more.count
  }
}

export function addReadiness(tally: Tally, ready: number, notReady: number): void {
  const sum = tally.readiness
  tally.readiness = { ready: (sum?.ready ?? 0) + ready, notReady: (sum?.notReady ?? 0) + notReady }
}

/** Totals again: registries and answers sorted by name. */
export function totalsOf(tally: Tally, names: Names): Totals {
  const { answers, served, notFound, bytes, resolve, readiness } = tally
  return {
    counts: [...tally.counts]
      .map(([registry, count]) => ({ registry: names.text(registry), ...count }))
      .sort((one, other) => compare(one.registry, other.registry)),
    ...(answers && { answers: answersOf(answers, names) }),
    ...(served && { served }),
    ...(notFound && { notFound }),
    ...(bytes !== undefined && { bytes }),
    ...(resolve && { resolve }),
    ...(readiness && { readiness }),
  }
}

function answersOf(answers: ReadonlyMap<number, number>, names: Names): AnswerCount[] {
  return [...answers]
    .map(([answer, count]) => ({ ...codeAndMethod(names.text(answer)), count }))
    .sort((one, other) => compare(one.code, other.code) || compare(one.method, other.method))
}

export function codeAndMethod(name: string): { code: string; method: string } {
  const end = name.indexOf('\n')
  return { code: name.slice(0, end), method: name.slice(end + 1) }
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0
}

/** `counted`: the range it is of, which it covers at most. */
export function growthOfTally(tally: Tally, names: Names, counted: Range): Growth {
  const covered = Math.min(tally.covered, counted.to - counted.from) / 1000
  return { ...totalsOf(tally, names), covered, restarts: tally.restarts }
}
