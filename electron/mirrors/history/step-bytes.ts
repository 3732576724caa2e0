import { ByteReader, ByteWriter } from './bytes.ts'
import type { Names } from './names.ts'
import { addTally, writeTally } from './tally-bytes.ts'
import { emptyTally, type Tally } from './tally.ts'

/** The agents of a step: the number of each, the length of its tally, its tally. */
export function writeTallies(tallies: ReadonlyMap<number, Tally>, names: Names): Uint8Array {
  const all = new ByteWriter()
  const one = new ByteWriter()
  for (const [agent, tally] of tallies) {
    one.clear()
    writeTally(one, tally, names)
    all.number(agent)
    all.part(one)
  }
  return all.written()
}

/** Adds the agents of a step, or only one of them. Throws a BrokenBytesError where the bytes are none. */
export function addTallies(
  bytes: Uint8Array,
  tallies: Map<number, Tally>,
  names: Names,
  only?: number,
): void {
  const from = new ByteReader(bytes)
  while (!from.ended) {
    const agent = from.number()
    const length = from.number()
    if (only === undefined || only === agent) addTally(from, tallyIn(tallies, agent), names)
    else from.skip(length)
  }
}

export function tallyIn(tallies: Map<number, Tally>, agent: number): Tally {
  const known = tallies.get(agent)
  if (known !== undefined) return known
  const tally = emptyTally()
  tallies.set(agent, tally)
  return tally
}
