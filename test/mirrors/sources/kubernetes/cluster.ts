import { setImmediate as turn } from 'node:timers/promises'
import type { KubernetesSettings } from '../../../../shared/model/mirror-source.ts'
import type { Exchange } from '../../../../shared/model/exchange.ts'
import {
  type KubernetesPorts,
  openKubernetes,
} from '../../../../electron/mirrors/sources/kubernetes/kubernetes.ts'
import type { AgentResult, MirrorSource, SourceRound } from '../../../../electron/mirrors/sources/source.ts'
import { createTransport } from '../../../../electron/oci/transport.ts'
import { type AgentState, type FakeAgent, startFakeAgent } from '../../../fakes/agent.ts'
import { type FakeApiServer, startApiServer } from '../../../fakes/kubernetes/api-server.ts'
import { type KubeHome, kubeconfigFor, makeKubeHome } from '../../../fakes/kubernetes/kubeconfig.ts'

export const never = new AbortController().signal

/** Counters that tell one agent from another. */
export function stateOf(hits: number): AgentState {
  return {
    startedAt: 1_784_099_921,
    lastSuccess: 1_784_105_321,
    requests: [{ registry: 'docker.io', hits, misses: 1 }],
    answers: { 200: hits, 404: 1 },
  }
}

/** A fake API server, a home with its kubeconfig, and sources opened on both. */
export interface Lab {
  api: FakeApiServer
  home: KubeHome
  exchanges: Exchange[]
  /** Milliseconds since 1970, as the sources see it. */
  clock: { at: number }
  /** Writes ~/.kube/config for that user. */
  configure(user?: Record<string, unknown>, more?: Parameters<typeof kubeconfigFor>[2]): Promise<void>
  open(settings?: Partial<KubernetesSettings>, ports?: Partial<KubernetesPorts>): MirrorSource
  /** A real metrics listener behind the proxy of `namespace/pod:port`, or of a node. */
  agent(behind: string, hits: number): Promise<FakeAgent>
  close(): Promise<void>
}

export async function openLab(): Promise<Lab> {
  const api = await startApiServer()
  const home = await makeKubeHome()
  const exchanges: Exchange[] = []
  const clock = { at: 1_784_200_000_000 }
  const ticking = { now: () => clock.at }
  const transport = createTransport({ record: (exchange) => exchanges.push(exchange), clock: ticking })
  const sources: MirrorSource[] = []
  const agents: FakeAgent[] = []
  const lab: Lab = {
    api,
    home,
    exchanges,
    clock,
    configure: async (user, more) => {
      await home.write('.kube/config', kubeconfigFor(api, user, more))
    },
    open: (settings = {}, ports = {}) => {
      const source = openKubernetes(
        { kind: 'kubernetes', context: 'lab', ...settings },
        {
          id: 'cluster',
          demo: false,
          transport,
          clock: ticking,
          env: home.env,
          random: () => 0,
          // nobody waits for real: what is waited for comes a turn later
          wait: (_, signal) => turn(undefined, signal === undefined ? {} : { signal }),
          scrapeLimits: { spread: 0 },
          ...ports,
        },
      )
      sources.push(source)
      return source
    },
    agent: async (behind, hits) => {
      const agent = await startFakeAgent(stateOf(hits))
      agents.push(agent)
      api.backends.set(behind, { url: `http://${agent.address}` })
      return agent
    },
    close: async () => {
      for (const source of sources) source.close()
      await transport.close()
      await Promise.all(agents.map((agent) => agent.stop()))
      await api.stop()
      await home.remove()
    },
  }
  await lab.configure()
  return lab
}

/** Hits of docker.io by agent, or what the agent failed with. */
export function hitsOf({ agents }: SourceRound): Record<string, number | string | undefined> {
  return Object.fromEntries(
    agents.map((result) => [
      result.agent.id,
      result.ok
        ? result.sample.counts.find(({ registry }) => registry === 'docker.io')?.hits
        : result.failure.kind,
    ]),
  )
}

/** The Failure of one agent of a round. */
export function failureOf({ agents }: SourceRound, id: string) {
  const result: AgentResult | undefined = agents.find(({ agent }) => agent.id === id)
  if (result === undefined || result.ok) throw new Error(`${id} did not fail`)
  return result.failure
}

/** The next time the source says that agents came, went or changed. */
export function nextChange(source: MirrorSource): Promise<void> {
  return new Promise((resolve) => source.onChange?.(resolve))
}

/** The first round that is as it should be; before each other one the source has to say that something changed. */
export async function roundWhere(
  source: MirrorSource,
  holds: (round: SourceRound) => boolean,
): Promise<SourceRound> {
  for (;;) {
    const change = nextChange(source)
    const round = await source.round(never)
    if (holds(round)) return round
    await change
  }
}

/** `namespace/name` of the pods of a round. */
export function podsOf({ agents }: SourceRound): string[] {
  return agents.map(({ agent }) => agent.pod ?? '')
}
