import type { AgentIdentity } from '../../../../shared/model/mirror.ts'
import { placeOf, type Target } from './labels.ts'

/** Where a pod runs, from kube-state-metrics; a pod never moves. */
export interface PodPlace {
  node: string
  /** Address of the node. */
  hostAddress?: string
}

/** A target as it stands at one moment. */
export interface Standing {
  target: Target
  /** Of the pod it names. */
  pod?: PodPlace
  /** When it was last heard of, ms since 1970. */
  at: number
  /** ms since 1970. */
  startedAt?: number
  /** Whether its numbers are of now; what is not alive gives way to what is. */
  alive: boolean
  /** Its metrics are those of a whole k3s or RKE2, which shows all of them on every port it has. */
  isMixed?: boolean
}

/** What all agents of a source have in common. */
export interface Naming {
  source: string
  demo: boolean
  mirrorPort: number
}

export interface Identified<One extends Standing> {
  agent: AgentIdentity
  standing: One
}

/**
 * Names agents and leaves one target for each: of several Prometheus or jobs that scrape one agent, and of a pod that
 * was replaced on its node, the newest speaks, so that nothing is counted twice; of the ports of one k3s always the same
 * one. An agent is called by its node where a
 * label or kube-state-metrics names one, else by its pod, else by its address; a name that several living agents share
 * is none of theirs (a label that names the cluster's Prometheus, two Spegel on one node). With a cluster label the id
 * begins with the cluster, and the name where there is more than one. Sorted by id.
 */
export function identify<One extends Standing>(
  standings: readonly One[],
  of: Naming,
): Array<Identified<One>> {
  const clusters = new Set(standings.map(({ target }) => target.cluster))
  const byPlace = newestBy(onePortEach(standings), ({ target }) => placeOf(target))
  const names = namesOf(byPlace)
  const chosen = newestBy(byPlace, (standing) => idOf(standing, names))
  return chosen
    .map((standing) => {
      const { target, pod } = standing
      const name = names.get(standing) ?? ''
      const mirrorUrl = mirrorUrlOf(pod?.hostAddress ?? target.instance, of.mirrorPort)
      const agent: AgentIdentity = {
        source: of.source,
        id: idOf(standing, names),
        name: clusters.size > 1 ? idOf(standing, names) : name,
        address: target.instance || name,
        ...(mirrorUrl !== undefined ? { mirrorUrl } : {}),
        ...(target.zone !== undefined ? { zone: target.zone } : {}),
        ...(target.pool !== undefined ? { pool: target.pool } : {}),
        ...(target.pod !== undefined
          ? { pod: [target.namespace, target.pod].filter(Boolean).join('/') }
          : {}),
        demo: of.demo,
      }
      return { agent, standing }
    })
    .sort((a, b) => (a.agent.id < b.agent.id ? -1 : 1))
}

function idOf(standing: Standing, names: ReadonlyMap<Standing, string>): string {
  return [standing.target.cluster, names.get(standing)].filter((part) => part !== undefined).join('/')
}

/** Without the cluster. */
function namesOf(standings: readonly Standing[]): Map<Standing, string> {
  const names = new Map<Standing, string>()
  let unnamed = standings
  for (const nameOf of [nodeOf, podOf]) {
    const groups = Map.groupBy(unnamed, (standing) =>
      JSON.stringify([standing.target.cluster ?? null, nameOf(standing) ?? null]),
    )
    unnamed = [...groups.values()].flatMap((group) => {
      const [first] = group
      const name = first === undefined ? undefined : nameOf(first)
      if (name === undefined || aliveIn(group) > 1) return group
      for (const standing of group) names.set(standing, name)
      return []
    })
  }
  for (const standing of unnamed) {
    const { instance, job } = standing.target
    names.set(standing, instance || podOf(standing) || nodeOf(standing) || job || 'agent')
  }
  return names
}

/** Those whose last word came before the newest began were replaced by it. */
function aliveIn(group: readonly Standing[]): number {
  const newestStart = Math.max(0, ...group.filter(({ alive }) => alive).map(({ startedAt = 0 }) => startedAt))
  return group.filter(({ alive, at }) => alive && at >= newestStart).length
}

function nodeOf({ target, pod }: Standing): string | undefined {
  return target.node ?? pod?.node
}

function podOf({ target }: Standing): string | undefined {
  return target.pod
}

/** The processes of k3s once each, by a port whose target names the node if there is one. */
function onePortEach<One extends Standing>(standings: readonly One[]): One[] {
  const ports = new Map<string, One>()
  const rank = ({ alive, target }: Standing) =>
    `${alive ? 0 : 1} ${target.node === undefined ? 1 : 0} ${target.key}`
  const processOf = ({ isMixed, startedAt, target }: Standing) =>
    isMixed === true && startedAt !== undefined
      ? JSON.stringify([target.cluster ?? '', target.instance.replace(/:\d+$/, ''), startedAt])
      : target.key
  for (const one of standings) {
    const other = ports.get(processOf(one))
    if (other === undefined || rank(one) < rank(other)) ports.set(processOf(one), one)
  }
  return [...ports.values()]
}

/** One of each group: alive, heard of last, started last. */
function newestBy<One extends Standing>(standings: readonly One[], keyOf: (one: One) => string): One[] {
  const newest = new Map<string, One>()
  for (const one of standings) {
    const other = newest.get(keyOf(one))
    if (other === undefined || isNewer(one, other)) newest.set(keyOf(one), one)
  }
  return [...newest.values()]
}

function isNewer(one: Standing, other: Standing): boolean {
  if (one.alive !== other.alive) return one.alive
  const [start = 0, otherStart = 0] = [one.startedAt, other.startedAt]
  // of two runs the later one is right whenever it was scraped
  if (Math.abs(start - otherStart) > 2000) return start > otherStart
  return one.at > other.at
}

/** The mirror's address on the host part of `host:port`. */
function mirrorUrlOf(address: string, port: number): string | undefined {
  const text = address.includes('://')
    ? address
    : `http://${/^[0-9a-f:]+$/i.test(address) && address.split(':').length > 2 ? `[${address}]` : address}`
  const url = URL.canParse(text) ? new URL(text) : undefined
  return url === undefined || url.hostname === '' ? undefined : `http://${url.hostname}:${port}`
}
