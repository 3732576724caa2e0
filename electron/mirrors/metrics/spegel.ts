import type { AgentSample } from './sample.ts'

/** Reads an agent's metrics (body of GET /metrics, unpacked; its content-type tells OpenMetrics apart). */
export function readSpegel(body: Uint8Array, contentType?: string): AgentSample {
  throw new Error('not yet')
}
