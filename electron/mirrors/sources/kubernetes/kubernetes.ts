import { FailureError } from '../../../../shared/model/failure.ts'
import { failureError } from '../../../../shared/model/local-failure.ts'
import type { AgentIdentity } from '../../../../shared/model/mirror.ts'
import type { KubernetesSettings } from '../../../../shared/model/mirror-source.ts'
import type { ProgramLimits } from '../../../credentials/program.ts'
import { type Wait, waitForReal } from '../../../oci/retry.ts'
import type { ScrapeLimits } from '../../scrape.ts'
import { createPatientScrape } from '../patient-scrape.ts'
import type { AgentResult, MirrorSource, RoundAsked, SourcePorts } from '../source.ts'
import { createAccess } from './access.ts'
import { type Found, foundNodes, foundPods, onTheWay, type Way } from './agents-found.ts'
import { createApi } from './api.ts'
import { createPodFinder, podSelectors } from './find-pods.ts'
import { createNodes, type Nodes } from './nodes.ts'

/** Milliseconds in which changes are told as one: a DaemonSet that rolls makes several at a time. */
const settleMilliseconds = 1000

export interface KubernetesPorts extends SourcePorts {
  wait?: Wait
  /** What a run of the exec plugin may take. */
  execLimits?: ProgramLimits
  scrapeLimits?: Partial<ScrapeLimits>
}

/**
 * Opens the agents of a Kubernetes cluster: Spegel's pods, read through the API server's pod proxy, or the nodes of k3s
 * and RKE2, read through its node proxy. Nothing is asked before the first round; from then on a watch tells when pods
 * come and go. What goes wrong with the kubeconfig, its log-in or the API server is the failure of a round.
 */
export function openKubernetes(settings: KubernetesSettings, ports: KubernetesPorts): MirrorSource {
  const { clock, random, wait = waitForReal, scrapeLimits = {} } = ports
  const closing = new AbortController()
  const listeners = new Set<() => void>()
  let settling = false
  const changed = () => {
    if (settling) return
    settling = true
    wait(settleMilliseconds, closing.signal)
      .then(() => {
        settling = false
        for (const listener of listeners) listener()
      })
      .catch(() => undefined)
  }

  const access = createAccess(settings, ports)
  const api = createApi(access, ports.transport)
  const finder = createPodFinder(access, { api, clock, wait, random, changed })
  const listNodes = createNodes(api, clock)
  const scrape = createPatientScrape(api.transport, { clock, random, limits: scrapeLimits })
  let found: Found[] = []
  let way: Way = 'pod-proxy'

  const find = async (signal: AbortSignal): Promise<void> => {
    const pods = await finder.current(signal)
    const wanted = pods.flatMap(({ spec }) => (spec.nodeName === undefined ? [] : [spec.nodeName]))
    const nodes = await listNodes(signal, wanted)
    const { server } = await access.get(signal)
    const cluster = { server, source: ports.id, demo: ports.demo }
    const embedded = pods.length > 0 ? [] : foundNodes(nodes, cluster)
    found = pods.length > 0 ? foundPods(pods, nodes, cluster) : embedded
    way = embedded.length > 0 ? 'node-proxy' : 'pod-proxy'
    if (found.length === 0) throw noAgents(new URL(server).host, nodes)
  }

  /** Results in the order of `found`; of those that do not run the cluster has said why. */
  const ask = async (signal: AbortSignal, { onResult, ...asked }: RoundAsked & { at: number }) => {
    const byId = new Map(found.map((one) => [one.agent.id, one]))
    const results = new Map<string, AgentResult>()
    const take = (result: AgentResult) => {
      results.set(result.agent.id, result)
      onResult?.(result)
    }
    for (const { agent, failure } of found) if (failure !== undefined) take({ agent, ok: false, failure })
    const told = (result: AgentResult): AgentResult => {
      const one = byId.get(result.agent.id)
      return result.ok || one === undefined ? result : { ...result, failure: onTheWay(result.failure, one) }
    }
    const targets = found.filter(({ failure }) => failure === undefined)
    const rest = await scrape.round(targets, signal, { ...asked, onResult: (result) => take(told(result)) })
    // those that are left alone were not heard of
    for (const result of rest) if (!results.has(result.agent.id)) results.set(result.agent.id, told(result))
    return found.flatMap(({ agent }) => results.get(agent.id) ?? [])
  }

  const leadTo = ({ id }: AgentIdentity, url: (to: Found) => string | undefined) => {
    const to = found.find(({ agent }) => agent.id === id)
    const address = to === undefined ? undefined : url(to)
    return address === undefined ? undefined : { url: address, transport: api.transport }
  }

  return {
    round: async (signal, asked = {}) => {
      const at = clock.now()
      if (asked.everybody === true) access.forgive()
      try {
        await find(signal)
      } catch (error) {
        if (!(error instanceof FailureError) || signal.aborted) throw error
        const { failure } = error
        return { at, way, failure, agents: found.map(({ agent }) => ({ agent, ok: false, failure })) }
      }
      return { at, way, agents: await ask(signal, { ...asked, at }) }
    },
    mirrorOf: (agent) => leadTo(agent, (to) => to.agent.mirrorUrl),
    // behind a node proxy it is the kubelet that answers, and nothing else there is Spegel's
    metricsOf: (agent) => leadTo(agent, (to) => (to.agent.pod === undefined ? undefined : to.url)),
    onChange: (listener) => void listeners.add(listener),
    close: () => {
      closing.abort()
      finder.close()
    },
  }
}

/** What was looked for, so that a chart with other labels can be told from a cluster without Spegel. */
function noAgents(host: string, { failure }: Nodes): FailureError {
  const nodes =
    failure === undefined
      ? 'and no node runs it inside k3s or RKE2'
      : 'and its nodes, where k3s and RKE2 run it, could not be listed'
  return failureError('no-agents', 'scrape', `${host} shows no Spegel: no pod has its labels, ${nodes}.`, {
    host,
    evidence: [{ fact: 'expected', value: podSelectors.join(' or ') }, ...(failure?.evidence ?? [])],
    retryable: true,
    next: ['install-mirror', 'check-kubeconfig'],
  })
}
