import type { HitCount } from '../../../shared/model/mirror.ts'

/** A Prometheus histogram: `counts[i]` observations at most `bounds[i]`, cumulative; above the last bound `count`. */
export interface Histogram {
  /** Rising, without +Inf. Seconds or bytes, as the family has it. */
  bounds: number[]
  counts: number[]
  sum: number
  count: number
}

/** HTTP answers of /v2/* by code and method. */
export interface AnswerCount {
  code: string
  method: string
  count: number
}

/** What an agent counts: since its start in a scrape, between two moments in a growth. */
export interface Totals {
  /** Sorted by registry. */
  counts: HitCount[]
  /** Absent until the agent has measured any request. */
  answers?: AnswerCount[]
  /** Seconds /v2/* took to answer with content (200, 206). */
  served?: Histogram
  /** Seconds /v2/* took to answer 404. */
  notFound?: Histogram
  /** Bytes of /v2/* answers with content. */
  bytes?: number
  /** Seconds a lookup took, once for every peer found. */
  resolve?: Histogram
  /** Answers of /readyz, or /healthz before 0.4. */
  readiness?: { ready: number; notReady: number }
}

/** What one scrape of a Spegel agent says: totals since its start, and gauges as they stand. */
export interface AgentSample extends Totals {
  /** ms since 1970, from process_start_time_seconds. */
  startedAt?: number
  /** ms since 1970; 0 is "never since start"; absent before Spegel 0.4. */
  lastSuccessAt?: number
  /** Open libp2p connections (libp2p_rcmgr_connections, scope system, both directions). */
  peers?: number
  /** spegel_advertised_*: `images`, `keys`, `image_tags`, `image_digests`, `content_digests`. */
  advertised: { what: string; registry: string; count: number }[]
  resident?: number
  /** What tells versions apart: names of families, and `name{label}` and `name{handler="…"}` where these do. */
  traits: string[]
}
