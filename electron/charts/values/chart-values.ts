import type { ChartMetadata } from '../../../shared/model/chart.ts'
import { isInRange } from '../version-range.ts'
import { copyOf, isTable, mergeTables, type Table, tableAt, withoutNulls } from './tables.ts'

type Dependency = NonNullable<ChartMetadata['dependencies']>[number]

/** A chart as the values of an installation are made of it. */
export interface ValuesChart {
  /** Its alias where it is used under one. */
  name: string
  version: string
  dependencies?: readonly Dependency[]
  values: Table
  schema?: Uint8Array
  subcharts: readonly ValuesChart[]
}

/** Values of a parent that leave no place for a subchart's: what Helm stops at. */
export class NoTable extends Error {
  readonly place: string

  constructor(place: string) {
    super(`${place} is no table`)
    this.place = place
  }
}

/**
 * The chart with the subcharts it is installed with, and its values with theirs: what `helm install` without values of
 * the user's looks at, before anything is rendered (pkg/chart/v2/util/dependencies.go, pkg/chart/common/util/coalesce.go).
 * Throws NoTable.
 */
export function valuesOf(chart: ValuesChart): { chart: ValuesChart; values: Table } {
  const installed = importing(enabled(chart, {}, ''))
  return { chart: installed, values: withDefaults(installed, {}, false) }
}

/** Subcharts under their aliases and in a version that fits, without those that a condition or tag turns off. */
function enabled(chart: ValuesChart, values: Table, path: string): ValuesChart {
  const { dependencies } = chart
  if (dependencies === undefined) return chart
  const isDeclared = (sub: ValuesChart): boolean => dependencies.some((one) => isFor(one, sub))
  const declared = dependencies.flatMap((one) => {
    const sub = chart.subcharts.find((other) => isFor(one, other))
    return sub === undefined ? [] : [{ ...sub, name: called(one) }]
  })
  const candidates = [...chart.subcharts.filter((sub) => !isDeclared(sub)), ...declared]
  const all = withDefaults({ ...chart, subcharts: candidates }, copyOf(values), false)
  const off = new Set(dependencies.filter((one) => !isOn(one, all, path)).map(called))
  const kept = candidates.filter(({ name }) => !off.has(name))
  return { ...chart, subcharts: kept.map((sub) => enabled(sub, all, `${path}${sub.name}.`)) }
}

function isFor({ name, version = '' }: Dependency, chart: ValuesChart): boolean {
  return chart.name === name && isInRange(chart.version, version) === true
}

function called({ name, alias = '' }: Dependency): string {
  return alias === '' ? name : alias
}

/** The first condition that is true or false counts; without one the tags do, of which one that is true is enough. */
function isOn(dependency: Dependency, values: Table, path: string): boolean {
  const { condition, tags } = dependency
  for (const one of (typeof condition === 'string' ? condition.trim() : '').split(',')) {
    if (one === '') continue
    const names = `${path}${one}`.split('.')
    const last = names.pop() ?? ''
    const flag = tableAt(values, names)?.[last]
    if (typeof flag === 'boolean') return flag
  }
  const set = tableAt(values, ['tags']) ?? {}
  const flags = Array.isArray(tags) ? tags.map((tag: unknown) => set[String(tag)]) : []
  return flags.includes(true) || !flags.includes(false)
}

/** What dependencies declare as `import-values` becomes a default of the chart that declares them. */
function importing(chart: ValuesChart): ValuesChart {
  const subcharts = chart.subcharts.map(importing)
  const { dependencies } = chart
  if (dependencies === undefined) return { ...chart, subcharts }
  const values = withDefaults({ ...chart, subcharts }, {}, true)
  const imported: Table = {}
  for (const dependency of dependencies) {
    for (const one of listOf(dependency['import-values'])) {
      const { child, parent } = importOf(one)
      const table = tableAt(values, [called(dependency), ...child.split('.')])
      if (table === undefined) continue
      mergeTables(imported, tableUnder(parent, copyOf(table)), true)
    }
  }
  return { ...chart, subcharts, values: mergeTables(copyOf(values), imported, true) }
}

function importOf(one: unknown): { child: string; parent: string } {
  if (!isTable(one)) return { child: `exports.${String(one)}`, parent: '.' }
  return { child: String(one['child']), parent: String(one['parent']) }
}

function tableUnder(path: string, table: Table): Table {
  if (path === '.') return table
  return path.split('.').reduceRight<Table>((inner, name) => ({ [name]: inner }), table)
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}

/** The chart's defaults below `values`, then those of its subcharts, which also get what is global. */
function withDefaults(chart: ValuesChart, values: Table, keepNulls: boolean): Table {
  addDefaults(chart, values, keepNulls)
  for (const sub of chart.subcharts) {
    const given = Object.hasOwn(values, sub.name) ? values[sub.name] : {}
    if (!isTable(given)) throw new NoTable(sub.name)
    values[sub.name] = given
    addGlobals(given, values)
    withDefaults(sub, given, keepNulls)
  }
  return values
}

function addDefaults({ values: defaults, subcharts }: ValuesChart, values: Table, keepNulls: boolean): void {
  for (const [key, value] of Object.entries(copyOf(defaults))) {
    if (!Object.hasOwn(values, key)) {
      if (value === null && !keepNulls) continue
      values[key] = isTable(value) && !keepNulls ? withoutNulls(value) : value
    } else if (values[key] === null && !keepNulls) {
      delete values[key]
    } else if (isTable(values[key]) && isTable(value)) {
      const keeps = keepNulls || subcharts.some(({ name }) => name === key)
      mergeTables(values[key], keeps ? value : withoutNulls(value), keeps)
    }
  }
}

/** What a parent says is global counts before what the subchart is told to be so. */
function addGlobals(into: Table, from: Table): void {
  const own = Object.hasOwn(into, 'global') ? into['global'] : {}
  const given = Object.hasOwn(from, 'global') ? from['global'] : {}
  if (!isTable(own) || !isTable(given)) return
  for (const [key, value] of Object.entries(given)) {
    const before = Object.hasOwn(own, key) ? own[key] : undefined
    if (!isTable(value)) {
      if (!isTable(before)) own[key] = value
    } else if (before === undefined) {
      own[key] = { ...value }
    } else if (isTable(before)) {
      own[key] = mergeTables({ ...value }, before, true)
    }
  }
  into['global'] = own
}
