import { createContext, runInContext } from 'node:vm'
import type { ChartArchive, Subchart } from './archive.ts'
import { readChartYaml } from './chart-yaml.ts'
import { type Finding, found } from './finding.ts'
import { NoTable, type ValuesChart, valuesOf } from './values/chart-values.ts'
import { readValues, ValuesError } from './values/read-values.ts'
import { type Problem, type SchemaResult, validate } from './values/schema.ts'
import { isTable, type Table } from './values/tables.ts'

/** Milliseconds for all schemas of a chart together, and for naming every problem of a schema that is not met. */
export const valuesTimes = { check: 3000, problems: 300 } as const

type ReadArchive = Pick<ChartArchive, 'chartYaml' | 'requirementsYaml' | 'files' | 'subcharts'>

/** A schema that is not simply met, and the path of the chart it is of. */
interface Unmet {
  place: string
  schema: Uint8Array
  values: Table
  result: Exclude<SchemaResult, { outcome: 'ok' }>
}

/**
 * Whether the chart's own values are what its values.schema.json asks for, and its subcharts' likewise, as `helm install`
 * and `helm template` look at them before they render: dependencies under their aliases, conditions and tags heeded,
 * `global` handed down. Many a chart wants values of its user, so this is never more than a warning, but for a
 * values.yaml that helm cannot read at all. Nothing is fetched, and it ends within `times`, in milliseconds.
 */
export async function checkValues(
  archive: ReadArchive,
  times: Readonly<Record<keyof typeof valuesTimes, number>> = valuesTimes,
): Promise<Finding> {
  try {
    const result = within(times.check, () => check(archive))
    return 'place' in result ? unmetFinding(result, times.problems) : result
  } catch (error) {
    if (!isTimeout(error)) throw error
    return found(
      'skipped',
      'values-schema-slow',
      { seconds: String(times.check / 1000) },
      'The values and their schemas take too long to check.',
    )
  }
}

function check(archive: ReadArchive): Finding | Unmet {
  const metadata = readChartYaml(archive.chartYaml, archive.requirementsYaml)
  let chart: ValuesChart
  try {
    chart = chartOf({
      ...metadata,
      metadata,
      values: archive.files.get('values.yaml'),
      valuesSchema: archive.files.get('values.schema.json'),
      subcharts: archive.subcharts,
    })
  } catch (error) {
    if (!(error instanceof ValuesError)) throw error
    return unreadable(error)
  }
  if (!hasSchema(chart)) {
    return found('ok', 'values-no-schema', {}, 'There is no values.schema.json to hold the values against.')
  }
  try {
    const { chart: installed, values } = valuesOf(chart)
    const unmet = firstUnmet(installed, values, installed.name)
    return unmet ?? found('ok', 'values-match', {}, 'values.yaml is what values.schema.json asks for.')
  } catch (error) {
    if (!(error instanceof NoTable)) throw error
    const problem = { path: `/${error.place}`, why: 'must be a map, for it holds the values of a subchart' }
    return mismatch(chart.name, [problem])
  }
}

type Read = Pick<Subchart, 'name' | 'version' | 'metadata' | 'subcharts'> & {
  values?: Uint8Array | undefined
  valuesSchema?: Uint8Array | undefined
}

function chartOf({ name, version, metadata, values, valuesSchema, subcharts }: Read): ValuesChart {
  const { dependencies } = metadata
  return {
    name,
    version,
    ...(dependencies === undefined ? {} : { dependencies }),
    values: values === undefined ? {} : readValues(values),
    ...(valuesSchema === undefined ? {} : { schema: valuesSchema }),
    subcharts: subcharts.map(chartOf),
  }
}

function hasSchema({ schema, subcharts }: ValuesChart): boolean {
  return schema !== undefined || subcharts.some(hasSchema)
}

/** The first schema that is not met, the chart's own before its subcharts'. */
function firstUnmet({ schema, subcharts }: ValuesChart, values: Table, place: string): Unmet | undefined {
  if (schema !== undefined) {
    const result = validate(values, schema, false)
    if (result.outcome !== 'ok') return { place, schema, values, result }
  }
  for (const sub of subcharts) {
    const part = values[sub.name]
    const unmet = isTable(part) ? firstUnmet(sub, part, `${place}/charts/${sub.name}`) : undefined
    if (unmet !== undefined) return unmet
  }
  return undefined
}

function unmetFinding({ place, schema, values, result }: Unmet, time: number): Finding {
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
      return mismatch(chart, allProblems(values, schema, time) ?? result.problems)
  }
}

/** Every problem, unless naming them all takes too long: a schema can have more of them than memory holds. */
function allProblems(values: Table, schema: Uint8Array, time: number): readonly Problem[] | undefined {
  try {
    const all = within(time, () => validate(values, schema, true))
    return all.outcome === 'mismatch' ? all.problems : undefined
  } catch (error) {
    if (isTimeout(error)) return undefined
    throw error
  }
}

function mismatch(chart: string, problems: readonly Problem[]): Finding {
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

function unreadable({ reason, message }: ValuesError): Finding {
  if (reason === 'too-large') {
    return found('skipped', 'values-too-large', {}, `values.yaml was not checked: ${message}.`)
  }
  const why = message.slice(0, 300)
  return found('blocked', 'values-unreadable', { why }, `helm cannot read values.yaml: ${why}.`)
}

/** Runs a function that cannot be trusted to end, and ends it; the window waits as long. */
function within<T>(milliseconds: number, run: () => T): T {
  return runInContext('run()', createContext({ run }), { timeout: milliseconds }) as T
}

function isTimeout(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT'
}
