import type { Exchange } from '../../shared/model/exchange.ts'

/** Addresses whose last outcome is remembered; the one that was silent longest goes first. */
const maxAddresses = 10_000

/** Tells what is worth keeping among exchanges that come again and again. */
export interface News {
  has(exchange: Exchange): boolean
  /** The next of every address is news again. */
  forget(): void
}

/**
 * Hundreds of agents scraped every 15 seconds would push all else out of what is kept. Of the scrapes of one address
 * (its query aside, which may carry the time) only the first is news, and any that ends otherwise than the one before:
 * another status, another failure, an answer again. All other exchanges always are.
 */
export function createNews(): News {
  const outcomes = new Map<string, string>()
  return {
    has: ({ phase, method, url, status, failure }) => {
      if (phase !== 'scrape') return true
      const address = `${method} ${url.split('?', 1)[0]}`
      const outcome = `${status ?? ''} ${failure ?? ''}`
      const before = outcomes.get(address)
      outcomes.delete(address)
      outcomes.set(address, outcome)
      const [oldest] = outcomes.keys()
      if (outcomes.size > maxAddresses && oldest !== undefined) outcomes.delete(oldest)
      return outcome !== before
    },
    forget: () => outcomes.clear(),
  }
}
