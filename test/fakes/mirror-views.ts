import type { AgentDetail } from '../../shared/model/mirror-detail.ts'
import type { Finding } from '../../shared/model/mirror-finding.ts'
import type { SourceEntry, SourceState } from '../../shared/model/mirror-source.ts'
import type { AgentReading, MirrorView } from '../../shared/model/mirror.ts'

/** The moment of every view here, ms since 1970. */
export const viewedAt = Date.UTC(2026, 10, 22, 11, 7, 30)

/** An agent that was asked and counted nothing, of the source `s1`. */
export function readingOf(name: string, more: Partial<AgentReading> = {}): AgentReading {
  return {
    source: 's1',
    id: name,
    name,
    address: `${name}:9090`,
    demo: false,
    ok: true,
    scrapedAt: viewedAt,
    covered: 3600,
    restarts: 0,
    counts: [],
    ...more,
  }
}

/** A node of which nothing but its reading is known. */
export function detailOf(reading: AgentReading, more: Partial<AgentDetail> = {}): AgentDetail {
  return {
    reading,
    answers: [],
    latency: {},
    advertised: [],
    version: { from: 'unknown', evidence: [] },
    ...more,
  }
}

export function findingOf(agents: readonly string[], more: Partial<Finding> = {}): Finding {
  return {
    id: `never-hits ${agents.join()}`,
    rule: 'never-hits',
    severity: 'bad',
    source: 's1',
    agents: [...agents],
    facts: { count: agents.length, agent: agents[0] ?? '', cause: 'others-hit', requests: 1204 },
    message: `${agents[0] ?? 'nobody'}: 1204 requests and no hit.`,
    next: ['raise-resolve-timeout', 'check-peer-network'],
    ...more,
  }
}

export function stateOf(id: string, more: Partial<SourceState> = {}): SourceState {
  return {
    id,
    name: id,
    kind: 'agents',
    demo: false,
    state: 'ok',
    agents: 3,
    answering: 3,
    at: viewedAt,
    took: 120,
    way: 'direct',
    ...more,
  }
}

export function viewOf(agents: AgentReading[], more: Partial<MirrorView> = {}): MirrorView {
  return {
    at: viewedAt,
    window: { kind: 'last', seconds: 3600 },
    sources: [stateOf('s1', { name: 'prod', agents: agents.length })],
    agents,
    findings: [],
    ...more,
  }
}

export function sourceOf(id: string, more: Partial<SourceEntry> = {}): SourceEntry {
  return {
    id,
    name: id,
    settings: { kind: 'agents', addresses: ['node-1:9090'], mirrorPort: 30_020 },
    credential: { kind: 'none', hasSecret: false },
    tls: { verify: true, hasCa: false, hasClientCertificate: false },
    demo: false,
    ...more,
  }
}
