import type { AgentDetail } from '../../shared/model/mirror-detail.ts'
import type { AgentReading } from '../../shared/model/mirror.ts'
import type { AgentCase } from './findings/case.ts'
import { hitsOf, sumOf } from './findings/counts.ts'
import { latestOf } from './findings/version-range.ts'
import { percentilesOf } from './metrics/histogram.ts'
import type { Histogram, Totals } from './metrics/sample.ts'
import { versionOf } from './metrics/version.ts'

/** The last release that counted a 206 as a miss (notes/spegel.md 1.2). */
const lastWithout206 = '0.4'

export interface DetailParts {
  /** Its `growth` is over the window of the reading, with histograms (`growthOf`). */
  case: AgentCase
  reading: AgentReading
  /** What `askPeerId` got. */
  peerId?: string
}

/**
 * Everything that is known of one agent over the window of its reading. Where there is no growth although the reading
 * has counts, they are counts since the agent's start, and so is the rest. What was not measured is left out.
 */
export function agentDetail({ case: of, reading, peerId }: DetailParts): AgentDetail {
  const { sample, agent } = of
  const totals = of.growth ?? (reading.counts === undefined ? undefined : sample)
  const version = versionOf(sample?.traits ?? [], agent.image)
  const resolve = seconds(totals?.resolve)
  const servedToOthers = totals && servedFrom(totals, version.range)
  return {
    reading,
    answers: totals?.answers ?? [],
    latency: latencyOf(totals),
    ...(totals?.bytes !== undefined && { bytes: totals.bytes }),
    ...(servedToOthers !== undefined && { servedToOthers }),
    ...(resolve && { resolve }),
    ...(sample?.peers !== undefined && { peers: sample.peers }),
    ...(totals?.readiness && { readiness: totals.readiness }),
    advertised: sample?.advertised ?? [],
    version,
    ...(peerId !== undefined && { peerId }),
  }
}

function latencyOf(totals: Totals | undefined): AgentDetail['latency'] {
  const served = seconds(totals?.served)
  const notFound = seconds(totals?.notFound)
  return { ...(served && { served }), ...(notFound && { notFound }) }
}

function seconds(histogram: Histogram | undefined) {
  return histogram && percentilesOf(histogram)
}

/**
 * Answers with content that were no hits, so came from this node's own store: to peers, and to its own containerd for
 * what it has already. Pings of /v2/ are among them. Up to 0.4 a hit is a 200 and nothing else, so 206s, of which some
 * were relayed, are left out there. Undefined where no answer was measured, never below 0: a hit is counted before its
 * answer has ended.
 */
function servedFrom(totals: Totals, version: string | undefined): number | undefined {
  if (totals.answers === undefined) return undefined
  const codes = latestOf(version, lastWithout206) ? ['200'] : ['200', '206']
  const withContent = totals.answers.filter(({ code }) => codes.includes(code))
  return Math.max(0, sumOf(withContent, ({ count }) => count) - hitsOf(totals))
}
