import type { PreflightOutcome } from '../../shared/model/preflight.ts'

/** What a check of a chart found: a line of the preflight without the name of the check. */
export interface Finding {
  outcome: PreflightOutcome
  /** Names the words of the screen. */
  finding: string
  /** What those words name: charts, versions, paths; each at most 2000 characters. */
  values: Record<string, string>
  /** One English sentence, for the command line. */
  message: string
}

/** A list of names as a value of a finding: the first of them, and how many more there are. */
export function someOf(names: readonly string[], most = 10): string {
  const shown = names.slice(0, most).map((name) => name.slice(0, 100))
  const more = names.length - shown.length
  return more > 0 ? `${shown.join(', ')} (+${more})` : shown.join(', ')
}

/** A finding of its parts. */
export function found(
  outcome: PreflightOutcome,
  finding: string,
  values: Record<string, string>,
  message: string,
): Finding {
  return { outcome, finding, values, message }
}
