import type { AgentSample } from '../metrics/sample.ts'
import { ByteReader, ByteWriter } from './bytes.ts'
import type { Names } from './names.ts'
import { addTally, writeTally } from './tally-bytes.ts'
import { emptyTally, type Tally, totalsOf } from './tally.ts'

const gauges = ['startedAt', 'lastSuccessAt', 'peers', 'resident'] as const

/** What is kept of a sample. `tally`: of its totals. */
export function sampleBytes(sample: AgentSample, tally: Tally, names: Names): Uint8Array {
  const to = new ByteWriter()
  writeTally(to, tally, names)
  let present = 0
  for (const [index, name] of gauges.entries()) if (sample[name] !== undefined) present += 2 ** index
  to.number(present)
  for (const name of gauges) {
    const value = sample[name]
    if (value !== undefined) to.number(value)
  }
  to.number(sample.advertised.length)
  for (const { what, registry, count } of sample.advertised) {
    to.number(names.id('word', what))
    to.number(names.id('registry', registry))
    to.number(count)
  }
  to.number(sample.traits.length)
  for (const trait of sample.traits) to.number(names.id('word', trait))
  return to.written()
}

/** The sample again. Throws a BrokenBytesError where the bytes are none. */
export function readSample(bytes: Uint8Array, names: Names): AgentSample {
  const from = new ByteReader(bytes)
  const tally = emptyTally()
  addTally(from, tally, names)
  const sample: AgentSample = { ...totalsOf(tally, names), advertised: [], traits: [] }
  const present = from.number()
  for (const [index, name] of gauges.entries()) {
    if (present & (2 ** index)) sample[name] = from.number()
  }
  for (let left = from.count(); left > 0; left--) {
    sample.advertised.push({
      what: names.text(from.number()),
      registry: names.text(from.number()),
      count: from.number(),
    })
  }
  for (let left = from.count(); left > 0; left--) sample.traits.push(names.text(from.number()))
  return sample
}
