import { type Finding, found } from '../finding.ts'
import type { ValuesError } from './read-values.ts'
import type { Problem, SchemaResult } from './schema.ts'

/** What is found of a schema that is not simply met, of the chart at that path of charts. */
export function unmetFinding(place: string, result: Exclude<SchemaResult, { outcome: 'ok' }>): Finding {
  const chart = place.slice(0, 300)
  switch (result.outcome) {
    case 'invalid':
      return found(
        'warn',
        'values-schema-invalid',
        { chart, why: result.why },
        `helm cannot use the values.schema.json of ${chart} and refuses to install it: ${result.why}.`,
      )
    case 'remote':
      return found(
        'warn',
        'values-schema-remote',
        { chart, address: result.address },
        `The values.schema.json of ${chart} refers to ${result.address}, which is not in it: it was not looked at, and helm needs it at every installation.`,
      )
    case 'unknown':
      return found(
        'skipped',
        'values-schema-unknown',
        { chart, why: result.why },
        `The values.schema.json of ${chart} was not checked: ${result.why}.`,
      )
    case 'mismatch':
      return mismatchFinding(chart, result.problems)
  }
}

/** What is found of values that are wrong in these places: the first of them, and how many there are. */
export function mismatchFinding(chart: string, problems: readonly Problem[]): Finding {
  const shown = problems.slice(0, 5).map(({ path, why }) => `${path} ${why}`)
  const more = problems.length > shown.length ? ` (+${problems.length - shown.length})` : ''
  const [first] = problems
  const values = {
    chart,
    path: first?.path ?? '/',
    problem: first?.why ?? '',
    problems: `${shown.join('; ')}${more}`.slice(0, 2000),
    count: String(problems.length),
  }
  const message = `The values of ${chart} are not what its values.schema.json asks for: ${values.problems}.`
  return found('warn', 'values-mismatch', values, message)
}

/** What is found of a values.yaml that is not read. */
export function unreadableFinding({ reason, message }: ValuesError): Finding {
  if (reason === 'too-large') {
    return found('skipped', 'values-too-large', {}, `values.yaml was not checked: ${message}.`)
  }
  const why = message.slice(0, 300)
  return found('blocked', 'values-unreadable', { why }, `helm cannot read values.yaml: ${why}.`)
}
