import { randomNumbers } from './random.ts'

/** What one registry's traffic through an agent looks like. */
export interface Traffic {
  registry: string
  /** HTTP requests a minute that the agent had to look for elsewhere: hits and misses together. */
  perMinute: number
  /** Share of those that a peer served, 0 to 1. */
  hitShare: number
}

/** One simulated node and its agent, as a story. */
export interface AgentProfile {
  name: string
  zone: string
  pool: string
  /** As the node says it. */
  runtime: string
  /** Images the node holds. */
  images: number
  /** Spegel 0.7 counts by registry and cache; 0.1 has a `source` label too, and answers 500 where it means 404. */
  version: '0.7' | '0.1'
  /** False: nothing listens where its metrics should be. */
  answers: boolean
  /** Seconds the agent has been up when the demo begins. */
  age: number
  /** Seconds after which the agent restarts, again and again; 0 is never. */
  restartsEvery: number
  traffic: Traffic[]
  /** Requests a minute by other nodes, answered from this node's content; not part of hits and misses. */
  servedPerMinute: number
  /** How its lookups end that find nobody: quickly, or only when the time for them is over. */
  lookups: 'quick' | 'at-limit'
  /** libp2p peers it is connected to. */
  peers: number
  /** Bytes of memory the process holds; the chart allows 128 MiB. */
  resident: number
  /** Registries the node has images of. */
  holdsOf: string[]
  /** How much of an image the node holds, from its manifest on: 0 nothing, 1 all of it. */
  holds: number
  /** Shifts the bursts, so that nodes do not breathe as one. */
  phase: number
}

const hour = 3600
const day = 24 * hour
const zones = ['fra-a', 'fra-b', 'fra-c']
const nodesPerZone = 6
const mebibyte = 2 ** 20

const registries = [
  { registry: 'docker.io', perMinute: 40, hitShare: 0.86 },
  { registry: 'ghcr.io', perMinute: 22, hitShare: 0.78 },
  { registry: 'quay.io', perMinute: 12, hitShare: 0.7 },
  { registry: 'registry.k8s.io', perMinute: 6, hitShare: 0.93 },
  { registry: 'public.ecr.aws', perMinute: 3, hitShare: 0.45 },
]

/** What an operator looks for on the map, each on a node of its own; the others are well. */
const stories: Readonly<Record<string, (well: AgentProfile, index: number) => Partial<AgentProfile>>> = {
  // its agent is gone: a row without data, which is not a row of zeroes
  'fra-a-05': () => ({ answers: false }),
  // joined a minute ago; almost nothing it asks for is found
  'fra-a-06': (_, index) => ({
    age: 60,
    images: 4,
    holds: 0,
    traffic: trafficOf(index, 0.9).map((traffic) => ({ ...traffic, hitShare: 0.06 })),
  }),
  // grows until the limit of its memory ends it
  'fra-b-03': () => ({ age: 25 * 60, restartsEvery: 40 * 60, resident: 124 * mebibyte }),
  // asks all the time and never finds a peer in time
  'fra-b-04': (_, index) => ({
    traffic: trafficOf(index, 0.5).map((traffic) => ({ ...traffic, hitShare: 0 })),
    lookups: 'at-limit',
    peers: 2,
  }),
  // busy for weeks: its counters are past a million, where the text turns to 1.234567e+06
  'fra-b-06': (_, index) => ({ age: 21 * day, traffic: trafficOf(index, 1.6) }),
  // an agent of long ago, which answers 500 for what it lacks
  'fra-c-03': (_, index) => ({
    version: '0.1',
    age: 60 * day,
    runtime: 'containerd://1.7.13',
    holds: 0.5,
    traffic: trafficOf(index, 0.4).slice(0, 3),
  }),
  // its containerd never asks the mirror: 2.1 takes a list of folders for one folder
  'fra-c-06': () => ({ runtime: 'containerd://2.1.5', images: 38, traffic: [], servedPerMinute: 0 }),
}

/** The nodes of the demo's cluster, zone by zone. */
export const agentProfiles: readonly AgentProfile[] = zones.flatMap((zone, rank) =>
  Array.from({ length: nodesPerZone }, (_, number) => {
    const index = rank * nodesPerZone + number
    const well = wellNode(`${zone}-${String(number + 1).padStart(2, '0')}`, zone, index)
    return { ...well, ...stories[well.name]?.(well, index) }
  }),
)

function wellNode(name: string, zone: string, index: number): AgentProfile {
  const random = randomNumbers(index + 1)
  return {
    name,
    zone,
    pool: index % nodesPerZone < 4 ? 'general' : 'batch',
    runtime: 'containerd://2.2.0',
    images: 24 + Math.floor(random() * 30),
    version: '0.7',
    answers: true,
    age: Math.round((8 + random() * 10) * day),
    restartsEvery: 0,
    traffic: trafficOf(index, 0.6 + random() * 0.8),
    servedPerMinute: 20 + random() * 40,
    lookups: 'quick',
    holdsOf: registries.slice(0, 3).map(({ registry }) => registry),
    peers: zones.length * nodesPerZone - 2,
    resident: Math.round((48 + random() * 24) * mebibyte),
    holds: index % 3 === 2 ? 0.5 : 1,
    phase: random(),
  }
}

/** The registries' traffic times `load`, every node a little different; some nodes never see the rare ones. */
function trafficOf(seed: number, load: number): Traffic[] {
  const random = randomNumbers(1000 + seed)
  return registries
    .filter((_, rank) => rank < 3 || random() > 0.35)
    .map(({ registry, perMinute, hitShare }) => ({
      registry,
      perMinute: perMinute * load * (0.6 + random() * 0.8),
      hitShare: Math.min(0.99, hitShare * (0.85 + random() * 0.25)),
    }))
}
