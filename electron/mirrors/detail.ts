import type { AgentDetail } from '../../shared/model/mirror-detail.ts'
import type { AgentReading } from '../../shared/model/mirror.ts'
import type { AgentCase } from './findings/case.ts'

/**
 * Everything that is known of one agent over the window of its reading. `case.growth` must be the growth with
 * histograms (`growthOf`); `peerId` is what `askPeerId` got, where it got anything.
 */
export function agentDetail(of: { case: AgentCase; reading: AgentReading; peerId?: string }): AgentDetail {
  return {
    reading: of.reading,
    answers: [],
    latency: {},
    advertised: [],
    version: { from: 'unknown', evidence: [] },
    ...(of.peerId !== undefined && { peerId: of.peerId }),
  }
}
