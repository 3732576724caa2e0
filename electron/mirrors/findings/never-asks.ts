import type { Finding, FindingCause, FindingStep } from '../../../shared/model/mirror-finding.ts'
import type { SourceCase } from './case.ts'
import { type Answering, answering, holdsImages, medianOf, requestsOf, secondsUp } from './counts.ts'
import { finding } from './finding.ts'

const hour = 3600

/** Requests that are more than one small image: a pull is one for the tag, one a manifest, one a layer. */
const fewPulls = 20

type Cause = Exclude<FindingCause<'never-asks'>, 'nobody'>

const steps: Record<Cause, FindingStep[]> = {
  'colon-list': ['single-config-path', 'use-local-image-pull', 'set-config-path'],
  'own-config': ['set-config-path', 'remove-leftover-hosts', 'single-config-path'],
  'config-path': ['set-config-path', 'remove-leftover-hosts'],
  k3s: ['list-registry-k3s'],
  unknown: ['set-config-path', 'single-config-path', 'remove-leftover-hosts'],
}

/**
 * Nodes whose mirror counted no request since its agent began (spegel_mirror_requests_total absent or 0). A node that
 * pulls nothing looks the same, so it warns only
 * - after an hour, where at least as many others ask, and typically 20 times: DaemonSets alone bring that much;
 * - after a day, where nobody asks although the nodes are known to hold images.
 * Otherwise it informs after six hours. Causes by evidence: containerd >= 2.1 whose transfer service takes config_path
 * as one folder (spegel #1272, containerd #12415; not where the same containerd asks elsewhere), config_path unset,
 * k3s without mirrors in registries.yaml. Source: notes/spegel.md 3.1, 3.2.
 */
export function neverAsks(of: SourceCase): Finding[] {
  const settled = answering(of).filter((one) => secondsUp(one, of) >= hour && one.agent.images !== 0)
  const idle = settled.filter(isIdle)
  const asking = settled.filter((one) => !isIdle(one))
  return asking.length === 0 ? nobodyAsks(of, idle) : someDoNot(of, idle, asking)
}

function isIdle({ sample }: Answering): boolean {
  return requestsOf(sample) === 0 && (sample.lastSuccessAt ?? 0) === 0
}

function someDoNot(of: SourceCase, idle: readonly Answering[], asking: readonly Answering[]): Finding[] {
  const typical = medianOf(asking.map(({ sample }) => requestsOf(sample)))
  const odd = asking.length >= idle.length && typical >= fewPulls
  const agents = idle.filter((one) => odd || secondsUp(one, of) >= 6 * hour)
  return [...Map.groupBy(agents, (one) => causeOf(one, asking))].map(([cause, alike]) => {
    const hours = hoursUp(alike, of)
    return finding(of, {
      rule: 'never-asks',
      severity: odd ? 'warn' : 'info',
      cause,
      agents: alike,
      facts: {
        hours,
        asking: asking.length,
        typical,
        runtime: alike[0]?.agent.runtime ?? '',
        since: 'start',
      },
      says: `no request reached the mirror in ${hours} h; others that ask: ${asking.length}, typically ${typical} times.`,
      next: odd ? steps[cause] : ['wait-for-pulls', ...steps[cause]],
    })
  })
}

function nobodyAsks(of: SourceCase, idle: readonly Answering[]): Finding[] {
  const agents = idle.filter((one) => secondsUp(one, of) >= 6 * hour)
  const [first] = agents
  if (first === undefined) return []
  const hours = hoursUp(agents, of)
  const odd = hours >= 24 && agents.some(holdsImages)
  const configuration = steps[causeOf(first, [])]
  return [
    finding(of, {
      rule: 'never-asks',
      severity: odd ? 'warn' : 'info',
      cause: 'nobody',
      agents,
      facts: { hours, asking: 0, typical: 0, runtime: first.agent.runtime ?? '', since: 'start' },
      says: `no request reached any mirror in ${hours} h.`,
      next: odd ? configuration : ['wait-for-pulls', ...configuration],
    }),
  ]
}

function hoursUp(agents: readonly Answering[], of: SourceCase): number {
  return Math.floor(Math.min(...agents.map((one) => secondsUp(one, of))) / hour)
}

function causeOf({ agent: { runtime } }: Answering, asking: readonly Answering[]): Cause {
  const version = containerdOf(runtime)
  if (version === undefined) return 'unknown'
  if (/k3s|rke2/i.test(runtime ?? '')) return 'k3s'
  if (version < 2.1) return 'config-path'
  return asking.some(({ agent }) => containerdOf(agent.runtime) === version) ? 'own-config' : 'colon-list'
}

/** `containerd://2.1.5-k3s1` as 2.1: its minor versions stay below ten. */
function containerdOf(runtime: string | undefined): number | undefined {
  const [, version] = /^containerd:\/\/v?([0-9]{1,3}\.[0-9])[.\-+]/.exec(`${runtime ?? ''}.`) ?? []
  return version === undefined ? undefined : Number(version)
}
