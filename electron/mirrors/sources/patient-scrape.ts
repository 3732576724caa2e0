import type { Transport } from '../../oci/ask.ts'
import type { Clock } from '../../ports.ts'
import { scrapeAll, type ScrapeLimits, type ScrapeTarget } from '../scrape.ts'
import { createBackOff } from './back-off.ts'
import type { AgentResult, RoundAsked } from './source.ts'

/** Scrapes agents round after round; those that keep failing are left alone for a while and stay in the round. */
export interface PatientScrape {
  /**
   * One result for every target that was ever asked, in their order: an agent that is left alone stands with what it
   * failed with. `at` is when the round began, ms since 1970. Throws only when `signal` cancels.
   */
  round(
    targets: readonly ScrapeTarget[],
    signal: AbortSignal,
    asked: RoundAsked & { at: number },
  ): Promise<AgentResult[]>
}

export function createPatientScrape(
  transport: Transport,
  ports: { clock: Clock; random: () => number; limits?: Partial<ScrapeLimits> },
): PatientScrape {
  const { clock, random, limits = {} } = ports
  // by address: a pod that takes the place of one that failed is asked at once
  const backOff = createBackOff(clock)
  let heard = true

  return {
    round: async (targets, signal, { at, everybody = false, onResult }) => {
      const urls = targets.map(({ url }) => url)
      const due = everybody ? new Set(urls) : backOff.due(urls)
      const asked = targets.filter(({ url }) => due.has(url))
      const results = await scrapeAll(asked, transport, signal, { at, clock, random, limits, onResult })
      // somebody answers after nobody did: the way is back, for all of them
      const hears = results.some(({ ok }) => ok)
      if (hears && !heard) backOff.forget()
      heard = hears || results.length === 0
      const byUrl = new Map(asked.map(({ url }, index) => [url, results[index]]))
      return targets.flatMap(({ agent, url }): AgentResult[] => {
        const result = byUrl.get(url)
        if (result?.ok === true) backOff.answered(url)
        else if (result !== undefined) backOff.failed(url, result.failure)
        if (result !== undefined) return [result]
        const failure = backOff.failureOf(url)
        return failure === undefined ? [] : [{ agent, ok: false, failure }]
      })
    },
  }
}
