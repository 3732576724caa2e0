import { randomNumbers } from './random.ts'

/** What one registry's traffic through an agent looks like. */
export interface Traffic {
  registry: string
  /** HTTP requests a minute that the agent had to look for elsewhere: hits and misses together. */
  perMinute: number
  /** Share of those that a peer served, 0 to 1. */
  hitShare: number
}

/** One simulated agent, as a story. */
export interface AgentProfile {
  /** Spegel 0.7 counts by registry and cache; 0.1 has a `source` label too, and answers 500 where it means 404. */
  version: '0.7' | '0.1'
  /** Seconds the agent has been up when the demo begins. */
  age: number
  /** Seconds after which the agent restarts, again and again; 0 is never. */
  restartsEvery: number
  traffic: Traffic[]
  /** Requests a minute by other nodes, answered from this node's content; not part of hits and misses. */
  servedPerMinute: number
  /** Shifts the bursts, so that nodes do not breathe as one. */
  phase: number
}

const hour = 3600
const registries = [
  { registry: 'docker.io', perMinute: 40, hitShare: 0.86 },
  { registry: 'ghcr.io', perMinute: 22, hitShare: 0.78 },
  { registry: 'quay.io', perMinute: 12, hitShare: 0.7 },
  { registry: 'registry.k8s.io', perMinute: 6, hitShare: 0.93 },
  { registry: 'public.ecr.aws', perMinute: 3, hitShare: 0.45 },
]

/** A dozen nodes: seven that are well, and one each of what an operator looks for on the map. */
export const agentProfiles: readonly AgentProfile[] = [
  ...Array.from({ length: 6 }, (_, index) => warm(index)),
  // busy for weeks: its counters are past a million, where the text turns to 1.234567e+06
  { ...warm(6), age: 21 * 24 * hour, traffic: trafficOf(7, 1.6) },
  // joined a minute ago; almost nothing it asks for is found
  { ...warm(7), age: 60, traffic: trafficOf(8, 0.9).map((traffic) => ({ ...traffic, hitShare: 0.06 })) },
  // asks all the time and never finds a peer
  { ...warm(8), traffic: trafficOf(9, 0.5).map((traffic) => ({ ...traffic, hitShare: 0 })) },
  // containerd on this node never asks its mirror
  { ...warm(9), traffic: [], servedPerMinute: 0 },
  { ...warm(10), age: 95, restartsEvery: 150 },
  { ...warm(11), version: '0.1', age: 60 * 24 * hour, traffic: trafficOf(12, 0.4).slice(0, 2) },
]

function warm(index: number): AgentProfile {
  const random = randomNumbers(index + 1)
  return {
    version: '0.7',
    age: Math.round((6 + random() * 60) * hour),
    restartsEvery: 0,
    traffic: trafficOf(index, 0.6 + random() * 0.8),
    servedPerMinute: 20 + random() * 40,
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
