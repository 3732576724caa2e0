import { isIP } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

/** One address a name leads to, as `dns.lookup` says it. */
export interface Found {
  address: string
  family: number
}

/** All addresses of a name; rejects where there are none. */
export type Lookup = (name: string) => Promise<readonly Found[]>

/** Keeps what names lead to from round to round. */
export interface Names {
  /**
   * The addresses of each name, sorted. What is not known within `patience` ms, or fails to resolve, leads where it
   * led before. One address is not told apart from the name: undefined, unless the name led to more since the start.
   */
  resolve(names: ReadonlySet<string>, patience: number, signal: AbortSignal): Promise<void>
  addressesOf(name: string): readonly string[] | undefined
}

/** Addresses of one name that are kept; a headless service of the largest cluster has as many. */
const maxAddresses = 5000

export function createNames(lookup: Lookup): Names {
  const known = new Map<string, readonly string[]>()
  const underWay = new Map<string, Promise<void>>()

  const ask = (name: string): Promise<void> => {
    // a resolver that hangs is not asked the same again
    const pending = underWay.get(name)
    if (pending !== undefined) return pending
    const asked = lookup(name)
      .then((found) => {
        const addresses = oneFamily(found)
        if (addresses.length > 1 || known.has(name)) known.set(name, addresses)
      })
      .catch(() => undefined)
      .finally(() => underWay.delete(name))
    underWay.set(name, asked)
    return asked
  }

  return {
    resolve: async (names, patience, signal) => {
      for (const name of known.keys()) if (!names.has(name)) known.delete(name)
      const asked = [...names].filter((name) => isIP(name) === 0).map(ask)
      if (asked.length === 0) return
      const done = new AbortController()
      const late = delay(patience, undefined, { signal: AbortSignal.any([signal, done.signal]) })
      await Promise.race([Promise.all(asked), late.catch(() => undefined)])
      done.abort()
    },
    addressesOf: (name) => known.get(name),
  }
}

/** A machine with an IPv4 and an IPv6 address is one: only the family with more of them is looked at. */
function oneFamily(found: readonly Found[]): string[] {
  const of = (family: number) =>
    [...new Set(found.filter((each) => each.family === family).map(({ address }) => address))].toSorted()
  const [four, six] = [of(4), of(6)]
  return (six.length > four.length ? six : four).slice(0, maxAddresses)
}
