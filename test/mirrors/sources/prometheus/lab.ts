import { afterEach } from 'vitest'
import {
  openPrometheus,
  type PrometheusPorts,
} from '../../../../electron/mirrors/sources/prometheus/prometheus.ts'
import type { MirrorSource, SourceRound } from '../../../../electron/mirrors/sources/source.ts'
import { createTransport } from '../../../../electron/oci/transport.ts'
import type { Exchange } from '../../../../shared/model/exchange.ts'
import type { PrometheusSettings } from '../../../../shared/model/mirror-source.ts'
import {
  type FakePrometheus,
  type FakePrometheusOptions,
  type FakeTarget,
  startFakePrometheus,
} from '../../../fakes/prometheus.ts'

export const never = new AbortController().signal
/** The present of the fakes, s since 1970. */
export const now = 1_795_000_000.25
export const started = 1_794_900_000

const closing: Array<() => Promise<void>> = []
export const exchanges: Exchange[] = []

afterEach(async () => {
  exchanges.length = 0
  for (const close of closing.splice(0).toReversed()) await close()
})

/** A living agent on `worker-N`, scraped `age` seconds ago. */
export function target(node: number, more: Partial<FakeTarget> = {}, age = 5): FakeTarget {
  return {
    labels: { job: 'spegel', instance: `10.0.0.${node}:9090`, node: `worker-${node}` },
    at: now - age,
    startedAt: started,
    requests: [{ registry: 'docker.io', hits: 10 * node, misses: node }],
    answers: { 200: 10 * node, 404: node },
    up: true,
    ...more,
  }
}

export async function fake(
  targets: readonly FakeTarget[] | FakePrometheusOptions['targets'],
  more: Partial<FakePrometheusOptions> = {},
): Promise<FakePrometheus> {
  const of = typeof targets === 'function' ? targets : () => targets
  const server = await startFakePrometheus({ now, targets: of, ...more })
  closing.push(server.stop)
  return server
}

export function open(
  url: string,
  settings: Partial<PrometheusSettings> = {},
  more: Partial<PrometheusPorts> = {},
): MirrorSource {
  const clock = { now: () => now * 1000 }
  const transport = createTransport({ record: (exchange) => exchanges.push(exchange), clock })
  closing.push(() => transport.close())
  return openPrometheus(
    { kind: 'prometheus', url, matchers: '', mirrorPort: 30_020, ...settings },
    { id: 'prom', demo: false, transport, clock, env: {}, random: () => 0, ...more },
  )
}

/** What the rows of a round would say in short: id, and its hits or why not. */
export function rowsOf({ agents }: SourceRound): Array<[id: string, said: unknown]> {
  return agents.map((each) => [each.agent.id, each.ok ? each.sample.counts[0]?.hits : each.failure.kind])
}
