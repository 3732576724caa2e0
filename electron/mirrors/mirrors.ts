import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { z } from 'zod'
import { agentAddressSchema, type AgentReading, type MirrorRound } from '../../shared/model/mirror.ts'
import { openDocument } from '../document.ts'
import type { Transport } from '../oci/ask.ts'
import type { Clock } from '../ports.ts'
import { metricsUrl } from './address.ts'
import { intervalBetween, type Scrape } from './history.ts'
import { scrapeAll, type ScrapeLimits, type ScrapeResult, scrapeLimits } from './scrape.ts'

export interface Mirrors {
  /** Saved agents, then those of the demo. */
  agents(): Promise<{ agent: string; demo: boolean }[]>
  /**
   * Replaces the saved list and returns it: addresses as they were typed, those that mean the same agent
   * once. Throws `input-invalid` naming the first that cannot be one, and changes nothing.
   */
  setAgents(agents: readonly string[]): Promise<string[]>
  /** A round at once, then one every `seconds` and whenever the list changes, until `signal` aborts. */
  watch(signal: AbortSignal): AsyncGenerator<MirrorRound, void>
  /** One round over agents that need not be saved. */
  scrape(agents: readonly string[], signal: AbortSignal): Promise<MirrorRound>
}

export interface MirrorsPorts {
  /** Where agents.json is kept. */
  directory: string
  transport: Transport
  clock: Clock
  /** Seconds between two rounds, asked anew before each wait. */
  seconds: () => Promise<number>
  /** Addresses of the simulated agents, if they run. */
  demoAgents: () => string[]
  limits?: ScrapeLimits
}

const agentsSchema = z.array(agentAddressSchema)

/** Opens the saved agents of a profile. */
export function createMirrors(ports: MirrorsPorts): Mirrors {
  const saved = openDocument(join(ports.directory, 'agents.json'), agentsSchema, [])
  const wakers = new Set<() => void>()

  const agents = async () => {
    const demo = ports.demoAgents()
    return [
      ...(await saved.read()).map((agent) => ({ agent, demo: false })),
      ...demo.map((agent) => ({ agent, demo: true })),
    ]
  }

  const round = async (
    over: readonly { agent: string; demo: boolean }[],
    last: Map<string, Scrape>,
    signal: AbortSignal,
  ): Promise<MirrorRound> => {
    const at = ports.clock.now()
    const addresses = over.map(({ agent }) => agent)
    const results = await scrapeAll(addresses, ports.transport, signal, ports.limits ?? scrapeLimits)
    const readings = over.map(({ agent, demo }, index) => {
      const reading = readingOf(results[index], last.get(agent), at)
      if (reading.scrape !== undefined) last.set(agent, reading.scrape)
      return { agent, demo, ...reading.shown }
    })
    return { at, agents: readings }
  }

  return {
    agents,
    setAgents: async (list) => {
      const kept = await saved.change(() => withoutDuplicates(list))
      for (const wake of wakers) wake()
      return kept
    },
    scrape: (list, signal) => {
      const demo = new Set(ports.demoAgents().map(metricsUrl))
      const over = withoutDuplicates(list).map((agent) => ({ agent, demo: demo.has(metricsUrl(agent)) }))
      return round(over, new Map(), signal)
    },
    watch: async function* (signal) {
      const last = new Map<string, Scrape>()
      while (!signal.aborted) {
        const pause = new AbortController()
        const wake = () => pause.abort()
        // from before the round on, so that a list changed while it runs is not waited out
        wakers.add(wake)
        try {
          const over = await agents()
          forgetOthers(last, over)
          yield await round(over, last, signal)
          await delay((await ports.seconds()) * 1000, undefined, {
            signal: AbortSignal.any([signal, pause.signal]),
          })
        } catch (error) {
          if (!signal.aborted && !pause.signal.aborted) throw error
        } finally {
          wakers.delete(wake)
        }
      }
    },
  }
}

/** What is shown of one agent, and the scrape that is compared with next time. */
function readingOf(
  result: ScrapeResult | undefined,
  before: Scrape | undefined,
  at: number,
): { shown: Omit<AgentReading, 'agent' | 'demo'>; scrape?: Scrape } {
  if (result?.ok === true) {
    const scrape = { ...result.counts, at }
    const interval = before === undefined ? undefined : intervalBetween(before, scrape)
    return { shown: { ok: true, ...shownCounts(scrape), ...(interval ? { interval } : {}) }, scrape }
  }
  const counts = before === undefined ? { sinceStart: [] } : shownCounts(before)
  return { shown: { ok: false, ...(result ? { failure: result.failure } : {}), ...counts } }
}

function shownCounts({ at, counts, ...more }: Scrape) {
  return { scrapedAt: at, sinceStart: counts, ...more }
}

/** Addresses that mean the same metrics are one agent, in its first spelling. */
function withoutDuplicates(agents: readonly string[]): string[] {
  const byUrl = new Map<string, string>()
  for (const agent of agents) {
    const url = metricsUrl(agent)
    if (!byUrl.has(url)) byUrl.set(url, agent.trim())
  }
  return [...byUrl.values()]
}

function forgetOthers(last: Map<string, Scrape>, agents: readonly { agent: string }[]): void {
  const present = new Set(agents.map(({ agent }) => agent))
  for (const agent of last.keys()) if (!present.has(agent)) last.delete(agent)
}
