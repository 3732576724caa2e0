import type { ByteReader, ByteWriter } from './bytes.ts'
import type { Names } from './names.ts'
import { addAnswers, addCounts, addHistogram, addReadiness, histogramNames, type Tally } from './tally.ts'

const has = { answers: 1, served: 2, notFound: 4, resolve: 8, bytes: 16, readiness: 32 }

/** Writes a tally so that `addTally` reads it. */
export function writeTally(to: ByteWriter, tally: Tally, names: Names): void {
  to.number(tally.covered)
  to.number(tally.restarts)
  to.number(tally.counts.size)
  for (const [registry, { hits, misses }] of tally.counts) {
    to.number(registry)
    to.number(hits)
    to.number(misses)
  }
  to.number(
    (tally.answers ? has.answers : 0) +
      (tally.served ? has.served : 0) +
      (tally.notFound ? has.notFound : 0) +
      (tally.resolve ? has.resolve : 0) +
      (tally.bytes !== undefined ? has.bytes : 0) +
      (tally.readiness ? has.readiness : 0),
  )
  if (tally.answers !== undefined) {
    to.number(tally.answers.size)
    for (const [answer, count] of tally.answers) {
      to.number(answer)
      to.number(count)
    }
  }
  for (const name of histogramNames) {
    const histogram = tally[name]
    if (histogram === undefined) continue
    to.number(names.boundsId(histogram.bounds))
    to.number(histogram.count)
    // most steps saw nothing
    if (histogram.count === 0) continue
    for (const count of histogram.counts) to.number(count)
    to.number(histogram.sum)
  }
  if (tally.bytes !== undefined) to.number(tally.bytes)
  if (tally.readiness !== undefined) {
    to.number(tally.readiness.ready)
    to.number(tally.readiness.notReady)
  }
}

/** Adds a stored tally to another. Throws a BrokenBytesError where the bytes are none. */
export function addTally(from: ByteReader, tally: Tally, names: Names): void {
  tally.covered += from.number()
  tally.restarts += from.number()
  for (let left = from.count(); left > 0; left--) {
    addCounts(tally, from.number(), from.number(), from.number())
  }
  const present = from.number()
  if (present & has.answers) {
    tally.answers ??= new Map()
    for (let left = from.count(); left > 0; left--) addAnswers(tally.answers, from.number(), from.number())
  }
  for (const name of histogramNames) {
    if (!(present & has[name])) continue
    const bounds = names.bounds(from.number())
    const count = from.number()
    const counts = bounds.map(() => (count === 0 ? 0 : from.number()))
    addHistogram(tally, name, { bounds, counts, sum: count === 0 ? 0 : from.number(), count })
  }
  if (present & has.bytes) tally.bytes = (tally.bytes ?? 0) + from.number()
  if (present & has.readiness) addReadiness(tally, from.number(), from.number())
}
