import { failureError } from '../../../shared/model/local-failure.ts'
import type { SourceEntry } from '../../../shared/model/mirror-source.ts'
import type { Known } from './agents.ts'
import type { SavedSource } from './saved.ts'

/** A simulated agent: an address as one would be typed, and what else is known of it. */
export interface DemoAgent {
  address: string
  known?: Known
}

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
