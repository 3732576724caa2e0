import type { AgentDetail } from '../../../shared/model/mirror-detail.ts'

/** Which Spegel this is: exact from the tag of its image, else a range from the families it has. */
export function versionOf(traits: readonly string[], image?: string): AgentDetail['version'] {
  throw new Error('not yet')
}
