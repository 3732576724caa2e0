import { type Failure, FailureError } from '../../../shared/model/failure.ts'
import type { SourceSettings } from '../../../shared/model/mirror-source.ts'
import type { Clock } from '../../ports.ts'
import { metricsUrl } from '../address.ts'
import { type AgentsPorts, openAgents } from './agents.ts'
import { openKubernetes } from './kubernetes/kubernetes.ts'
import { openPrometheus } from './prometheus/prometheus.ts'
import type { MirrorSource, SourcePorts } from './source.ts'

/** What only a list of agents needs. */
export type ListPorts = Omit<AgentsPorts, keyof SourcePorts>

/** Throws a FailureError `input-invalid` for settings that cannot be right whatever is out there. */
export function checkSettings(settings: SourceSettings): void {
  if (settings.kind === 'agents') settings.addresses.forEach(metricsUrl)
}

/** Opens a source of any kind. One whose settings cannot be right is a source that says so in every round. */
export function openSource(settings: SourceSettings, ports: SourcePorts, ofList: ListPorts): MirrorSource {
  try {
    switch (settings.kind) {
      case 'agents':
        return openAgents(settings, { ...ports, ...ofList })
      case 'prometheus':
        return openPrometheus(settings, ports)
      case 'kubernetes':
        return openKubernetes(settings, ports)
    }
  } catch (error) {
    if (!(error instanceof FailureError)) throw error
    return failingSource(error.failure, ports.clock)
  }
}

function failingSource(failure: Failure, clock: Clock): MirrorSource {
  return {
    round: () => Promise.resolve({ at: clock.now(), way: 'direct', failure, agents: [] }),
    mirrorOf: () => undefined,
    close: () => undefined,
  }
}
