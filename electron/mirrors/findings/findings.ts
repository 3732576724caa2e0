import type { Finding } from '../../../shared/model/mirror-finding.ts'
import type { SourceCase } from './case.ts'

/** What stands out in a source, the most serious first. Never throws. */
export function findingsOf(_of: SourceCase): Finding[] {
  return []
}
