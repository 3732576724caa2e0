import type { PrometheusSettings } from '../../../../shared/model/mirror-source.ts'
import type { MirrorSource, SourcePorts } from '../source.ts'

/**
 * The agents a Prometheus scrapes, and what it kept of them: any server of its HTTP API (Prometheus, Thanos, Mimir,
 * VictoriaMetrics). The agents themselves are asked nothing, but for "who has it".
 */
export function openPrometheus(settings: PrometheusSettings, ports: SourcePorts): MirrorSource {
  throw new Error(`${settings.url} cannot be asked yet, as ${ports.id}`)
}
