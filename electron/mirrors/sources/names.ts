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
   * Looks all names up. What is not known within `patience` ms, or does not resolve, leads where it led before; names
   * that were left out are forgotten.
   */
  resolve(names: ReadonlySet<string>, patience: number, signal: AbortSignal): Promise<void>
  /** Sorted. Undefined where a name leads to one address, which is not told apart from it, and always did. */
  addressesOf(name: string): readonly string[] | undefined
}

/** Addresses of one name that are kept; a headless service of the largest cluster has as many. */
const maxAddresses = 5000

/**
 * Lookups at a time. They run on the threads that also read and write this app's files: a resolver that hangs must not
 * take them all.
 */
const concurrency = 2

export function createNames(lookup: Lookup): Names {
  const known = new Map<string, readonly string[]>()
  const underWay = new Map<string, PromiseWithResolvers<void>>()
  const queue = new Set<string>()
  let running = 0

  const look = async (name: string): Promise<void> => {
    try {
      const addresses = oneFamily(await lookup(name))
      if (addresses.length > 1 || known.has(name)) known.set(name, addresses)
    } catch {
      // leads where it led before
    }
    running -= 1
    underWay.get(name)?.resolve()
    underWay.delete(name)
    proceed()
  }
  const proceed = (): void => {
    for (const name of queue) {
      if (running === concurrency) return
      running += 1
      queue.delete(name)
      void look(name)
    }
  }
  /** What is asked already is not asked again. */
  const ask = (name: string): Promise<void> => {
    const asked = underWay.get(name) ?? Promise.withResolvers<void>()
    if (!underWay.has(name)) queue.add(name)
    underWay.set(name, asked)
    return asked.promise
  }

  return {
    resolve: async (names, patience, signal) => {
      for (const name of known.keys()) if (!names.has(name)) known.delete(name)
      const asked = [...names].filter((name) => isIP(name) === 0).map(ask)
      if (asked.length === 0) return
      proceed()
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
