import type { ChartMetadata } from '../../shared/model/chart.ts'
import { FailureError } from '../../shared/model/failure.ts'
import { digestOf } from '../oci/digest.ts'
import type { ChartArchive } from './archive.ts'
import { type ChartLock, readChartLock } from './chart-yaml.ts'
import { type Finding, found, someOf } from './finding.ts'
import { goJson } from './go-json.ts'
import { goDependency } from './helm-config.ts'
import { isInRange } from './version-range.ts'

type Dependency = NonNullable<ChartMetadata['dependencies']>[number]

/**
 * Whether what Chart.yaml or requirements.yaml declares is in charts/: by name, as `helm package` and `helm install`
 * look, then by version, as `helm dependency list` does, then whether Chart.lock is of these dependencies. Aliases,
 * conditions and tags do not count: they decide what is rendered, not what has to be there.
 */
export function checkDependencies(
  archive: Pick<ChartArchive, 'files' | 'subcharts'>,
  metadata: ChartMetadata,
): Finding {
  const { dependencies = [] } = metadata
  const lock = lockOf(archive, metadata)
  if (lock.broken !== undefined) return lock.broken
  if (dependencies.length === 0) {
    return found('ok', 'dependencies-none', {}, 'The chart declares no dependencies.')
  }
  const present = Map.groupBy(archive.subcharts, ({ name }) => name)
  const missing = dependencies.filter(({ name }) => !present.has(name)).map(({ name }) => name)
  if (missing.length > 0) {
    const names = someOf(missing)
    const message = `Declared, but not in charts/: ${names}. helm refuses to install the chart without them; helm dependency build fetches them.`
    return found('warn', 'dependencies-missing', { names }, message)
  }
  const wrong = dependencies.find(
    (dependency) => !isSatisfied(dependency, present.get(dependency.name) ?? []),
  )
  if (wrong !== undefined) return wrongVersion(wrong, present.get(wrong.name) ?? [])
  return agreeing(archive, metadata, lock)
}

/** What can be said when every dependency is there in a version that fits. */
function agreeing(
  { subcharts }: Pick<ChartArchive, 'subcharts'>,
  metadata: ChartMetadata,
  lock: { file: string; lock?: ChartLock },
): Finding {
  const { dependencies = [] } = metadata
  if (lock.lock !== undefined && !isInStep(metadata, lock.lock)) {
    const message = `${lock.file} was made for other dependencies than the chart declares; helm dependency update renews it.`
    return found('note', 'dependencies-lock-stale', { file: lock.file }, message)
  }
  const declared = new Set(dependencies.map(({ name }) => name))
  const extra = subcharts.map(({ name }) => name).filter((name) => !declared.has(name))
  if (extra.length > 0) {
    const names = someOf(extra)
    const message = `In charts/ and not declared: ${names}. helm installs them always.`
    return found('note', 'dependencies-undeclared', { names }, message)
  }
  const count = String(dependencies.length)
  return found('ok', 'dependencies-present', { count }, `All ${count} declared dependencies are in charts/.`)
}

/** helm dependency list takes a version that is written the same for fitting, range or not. */
function isSatisfied({ version = '' }: Dependency, charts: ReadonlyArray<{ version: string }>): boolean {
  return charts.some((chart) => chart.version === version || isInRange(chart.version, version) === true)
}

function wrongVersion(
  { name, version = '' }: Dependency,
  charts: ReadonlyArray<{ version: string }>,
): Finding {
  const there = someOf(charts.map((chart) => chart.version))
  const values = { name: name.slice(0, 200), wanted: version.slice(0, 200), found: there }
  const consequence = 'helm then ignores its alias and what is imported from it.'
  if (isInRange('1.0.0', version) === undefined) {
    const message = `"${values.wanted}" is no version range, so that nothing satisfies the dependency on ${values.name}; ${consequence}`
    return found('warn', 'dependencies-range', values, message)
  }
  const message = `charts/ has ${values.name} ${there}, and ${values.wanted} is declared; ${consequence}`
  return found('warn', 'dependencies-version', values, message)
}

function lockOf(
  { files }: Pick<ChartArchive, 'files'>,
  { apiVersion }: ChartMetadata,
): { file: string; lock?: ChartLock; broken?: Finding } {
  // the one of the other apiVersion is read by helm too, and the later one in the archive counts
  const names =
    apiVersion === 'v1' ? ['requirements.lock', 'Chart.lock'] : ['Chart.lock', 'requirements.lock']
  const file = names.find((name) => files.has(name)) ?? 'Chart.lock'
  const bytes = files.get(file)
  if (bytes === undefined) return { file }
  try {
    return { file, lock: readChartLock(file, bytes) }
  } catch (error) {
    if (!(error instanceof FailureError)) throw error
    const message = `${file} cannot be read, and helm loads no chart with a broken one: ${error.failure.message}`
    return { file, broken: found('blocked', 'dependencies-lock-unreadable', { file }, message) }
  }
}

/** Helm's digest of what is declared and what was found for it (internal/resolver, HashReq); Helm 2's for v1 charts. */
function isInStep({ apiVersion, dependencies = [] }: ChartMetadata, lock: ChartLock): boolean {
  const locked = lock.dependencies?.map(goDependency) ?? null
  // a repository may be declared by the name it has on one machine; the lock has its address
  const declared = dependencies.map((dependency, index) => {
    const isNamed = /^(?:@|alias:)/.test(dependency.repository ?? '')
    const repository = isNamed ? lock.dependencies?.[index]?.['repository'] : dependency.repository
    return goDependency({ ...dependency, repository })
  })
  if (lock.digest === hash([declared, locked])) return true
  return apiVersion === 'v1' && lock.digest === hash({ dependencies: dependencies.map(goDependency) })
}

function hash(value: unknown): string {
  return digestOf(Buffer.from(goJson(value)))
}
