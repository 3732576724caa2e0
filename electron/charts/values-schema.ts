import { createContext, runInContext } from 'node:vm'
import type { ChartArchive, Subchart } from './archive.ts'
import { readChartYaml } from './chart-yaml.ts'
import { type Finding, found } from './finding.ts'
import { NoTable, type ValuesChart, valuesOf } from './values/chart-values.ts'
import { readValues, ValuesError } from './values/read-values.ts'
import { mismatchFinding, unmetFinding, unreadableFinding } from './values/findings.ts'
import type { SchemaResult, validate } from './values/schema.ts'
import { isTable, type Table } from './values/tables.ts'

/** Milliseconds for all schemas of a chart together, and for naming every problem of a schema that is not met. */
export const valuesTimes = { check: 3000, problems: 300 } as const

type ReadArchive = Pick<ChartArchive, 'chartYaml' | 'requirementsYaml' | 'files' | 'subcharts'>

type Validate = typeof validate
type Times = Record<keyof typeof valuesTimes, number>

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
  times: Readonly<Times> = valuesTimes,
): Promise<Finding> {
  // the validators are large, and most runs of the app check no values
  const { validate } = await import('./values/schema.ts')
  try {
    const result = within(times.check, () => check(archive, validate))
    return 'place' in result ? unmetFinding(result.place, withAllProblems(result, validate, times)) : result
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

function check(archive: ReadArchive, validate: Validate): Finding | Unmet {
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
    return unreadableFinding(error)
  }
  if (!hasSchema(chart)) {
    return found('ok', 'values-no-schema', {}, 'There is no values.schema.json to hold the values against.')
  }
  try {
    const { chart: installed, values } = valuesOf(chart)
    const unmet = firstUnmet(installed, { values, place: installed.name }, validate)
    return unmet ?? found('ok', 'values-match', {}, 'values.yaml is what values.schema.json asks for.')
  } catch (error) {
    if (!(error instanceof NoTable)) throw error
    const problem = { path: `/${error.place}`, why: 'must be a map, for it holds the values of a subchart' }
    return mismatchFinding(chart.name, [problem])
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
function firstUnmet(
  { schema, subcharts }: ValuesChart,
  { values, place }: { values: Table; place: string },
  validate: Validate,
): Unmet | undefined {
  if (schema !== undefined) {
    const result = validate(values, schema, false)
    if (result.outcome !== 'ok') return { place, schema, values, result }
  }
  for (const sub of subcharts) {
    const part = values[sub.name]
    if (!isTable(part)) continue
    const unmet = firstUnmet(sub, { values: part, place: `${place}/charts/${sub.name}` }, validate)
    if (unmet !== undefined) return unmet
  }
  return undefined
}

/** With every problem named, unless that takes too long: there can be more of them than memory holds. */
function withAllProblems(
  { schema, values, result }: Unmet,
  validate: Validate,
  times: Readonly<Times>,
): Unmet['result'] {
  if (result.outcome !== 'mismatch') return result
  try {
    const all = within(times.problems, () => validate(values, schema, true))
    return all.outcome === 'mismatch' ? all : result
  } catch (error) {
    if (isTimeout(error)) return result
    throw error
  }
}

/** Runs a function that cannot be trusted to end, and ends it; the window waits as long. */
function within<T>(milliseconds: number, run: () => T): T {
  return runInContext('run()', createContext({ run }), { timeout: milliseconds }) as T
}

function isTimeout(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT'
}
