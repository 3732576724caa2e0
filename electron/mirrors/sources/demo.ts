import { setImmediate } from 'node:timers/promises'
import { failureError } from '../../../shared/model/local-failure.ts'
import type { SourceEntry } from '../../../shared/model/mirror-source.ts'
import { readSpegel } from '../metrics/spegel.ts'
import type { Known } from './agents.ts'
import type { SavedSource } from './saved.ts'
import type { AgentResult, MirrorSource } from './source.ts'

/** A simulated agent: an address as one would be typed, what else is known of it, and what it counted before. */
export interface DemoAgent {
  address: string
  known?: Known
  /** Its metrics as they were at a moment, ms since 1970; undefined before its first start. */
  metricsAt?: (at: number) => string | undefined
}

/**
 * How far apart the moments of the past are, ms: as the timeline of the last hour, the last day and the week has its steps.
 * Growth over a longer time than a step is in none.
 */
const pastSteps = [
  { within: 7 * 86_400_000, step: 7_200_000 },
  { within: 86_400_000, step: 900_000 },
  { within: 3_600_000, step: 60_000 },
]
/** A second before the end of its step, a reading is in it whole. */
const early = 1000

/** The id of the one source that is never saved. */
export const demoId = 'demo'

/** The simulated agents as a source. */
export function demoSource(agents: readonly DemoAgent[]): SavedSource {
  return {
    id: demoId,
    name: 'Demo',
    settings: { kind: 'agents', addresses: agents.map(({ address }) => address), mirrorPort: 30_020 },
    credential: { kind: 'none' },
  }
}

export function demoEntry(agents: readonly DemoAgent[]): SourceEntry {
  const { credential, ...source } = demoSource(agents)
  const tls = { verify: true, hasCa: false, hasClientCertificate: false }
  return { ...source, credential: { ...credential, hasSecret: false }, tls, demo: true }
}

/** What is known of the agents beside their addresses. */
export function knownOf(agents: readonly DemoAgent[]): ReadonlyMap<string, Known> {
  return new Map(agents.map(({ address, known = {} }) => [address, known]))
}

export function demoIsFixed() {
  return failureError('input-invalid', 'input', 'The demo can be neither changed nor removed: stop the demo.')
}

/** The source of the simulated agents with a past: what they counted before the demo began follows from their story. */
export function withPast(source: MirrorSource, agents: readonly DemoAgent[]): MirrorSource {
  return {
    ...source,
    past: async function* (from, to, signal) {
      for (const at of moments(from, to)) {
        if (signal.aborted) return
        yield agents.flatMap((agent) => resultAt(agent, at))
        // many moments in a row: the window has to be answered in between
        await setImmediate()
      }
    },
  }
}

/** Moments from `from` until `to`, oldest first. */
function moments(from: number, to: number): number[] {
  return pastSteps.flatMap(({ within, step }, index) => {
    const begin = Math.max(from, to - within)
    const end = to - (pastSteps[index + 1]?.within ?? 0)
    const first = Math.ceil(begin / step)
    const count = Math.max(0, Math.ceil(end / step) - first)
    return Array.from({ length: count }, (_, nth) => (first + nth) * step - early)
  })
}

function resultAt({ address, known = {}, metricsAt }: DemoAgent, at: number): AgentResult[] {
  const text = metricsAt?.(at)
  if (text === undefined) return []
  const agent = { source: demoId, id: address, name: address, address, demo: true, ...known }
  return [{ agent, ok: true, at, sample: readSpegel(Buffer.from(text)) }]
}
