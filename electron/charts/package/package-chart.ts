import { packTar } from 'modern-tar'
import type { ChartMetadata } from '../../../shared/model/chart.ts'
import { archiveLimits, refuse, tooLarge } from '../archive-refusals.ts'
import type { ChartLock } from '../chart-yaml.ts'
import { goDependency, helmConfig } from '../helm-config.ts'
import { goTime } from './go-time.ts'
import { goYaml, type Json } from './go-yaml.ts'
import { helmGzip } from './helm-gzip.ts'
import { type LoadedChart, loadChart } from './load-chart.ts'
import type { PackageFile } from './read-folder.ts'

/** A chart's package before it is written. */
export interface ChartPackage {
  /** `<name>-<version>.tgz`. */
  fileName: string
  metadata: ChartMetadata
  /** Its bytes, made as they are read; a file that cannot be read breaks them with its Failure. */
  bytes: AsyncIterable<Uint8Array>
}

/** A file of the tar. */
interface Entry {
  name: string
  read: () => Promise<Uint8Array>
}

const encoder = new TextEncoder()

/**
 * Packages a chart's files as `helm package` does: the same entries in the same order with the same contents
 * (helm.sh/helm/v4/pkg/chart/v2/util, Save), Chart.yaml and Chart.lock written anew. Every entry gets one time,
 * SOURCE_DATE_EPOCH where that is set (seconds since 1970) and else the newest file's, so that the same folder always
 * gives the same tar. Throws a FailureError of kind `chart-invalid`, `archive-invalid`, `file-too-large` or, for a
 * SOURCE_DATE_EPOCH that is none, `input-invalid`.
 */
export async function packageChart(
  files: readonly PackageFile[],
  sourceDateEpoch: string | undefined,
): Promise<ChartPackage> {
  const mtime = timeOf(files, sourceDateEpoch)
  const loading = { streamed: 0, entries: 0, names: 0, unpacked: 0, depth: 0 }
  const chart = await loadChart(files, loading)
  refuseMissing(chart)
  const entries = await entriesOf(chart, '')
  if (entries.length > archiveLimits.entries) throw tooLarge('The chart has too many files', 'entries')
  const { name, version } = chart.metadata
  return {
    fileName: `${name}-${version}.tgz`,
    metadata: chart.metadata,
    bytes: helmGzip(tarOf(entries, mtime)),
  }
}

function timeOf(files: readonly PackageFile[], sourceDateEpoch: string | undefined): Date {
  if (sourceDateEpoch !== undefined && sourceDateEpoch !== '') {
    // eleven octal digits are what a tar header has for it
    if (!/^\d{1,10}$/.test(sourceDateEpoch) || Number(sourceDateEpoch) >= 8 ** 11) {
      throw refuse('input-invalid', 'SOURCE_DATE_EPOCH is no number of seconds since 1970.', [], [])
    }
    return new Date(Number(sourceDateEpoch) * 1000)
  }
  const newest = files.reduce((latest, { mtime }) => Math.max(latest, mtime), 0)
  // to the nearest second, as Go's tar writer does
  return new Date(Math.round(newest / 1000) * 1000)
}

function refuseMissing({ metadata, subcharts }: LoadedChart): void {
  const present = new Set(subcharts.map((chart) => chart.metadata.name))
  const missing = (metadata.dependencies ?? []).map(({ name }) => name).filter((name) => !present.has(name))
  if (missing.length === 0) return
  const names = missing.join(', ').slice(0, 500)
  throw refuse(
    'chart-invalid',
    `Declared as dependencies, but not in charts/: ${names}. "helm dependency build" fetches them.`,
  )
}

async function entriesOf(chart: LoadedChart, prefix: string): Promise<Entry[]> {
  const { metadata, lock, values, schema, templates, others, subcharts } = chart
  const base = `${prefix}${metadata.name}/`
  const entries: Entry[] = [made(`${base}Chart.yaml`, chartYamlOf(metadata))]
  if (lock !== undefined && metadata.apiVersion === 'v2')
    entries.push(made(`${base}Chart.lock`, lockOf(lock)))
  if (schema !== undefined) await refuseBroken(schema, base)
  const kept = [values, schema, ...templates, ...others].filter((file) => file !== undefined)
  entries.push(...kept.map(({ path, read }) => ({ name: `${base}${path}`, read })))
  const names = new Set<string>()
  for (const subchart of subcharts) {
    const { name } = subchart.metadata
    if (names.has(name)) {
      throw refuse(
        'chart-invalid',
        `Two charts in ${base}charts/ are called "${name.slice(0, 100)}": helm would put both into one directory.`,
      )
    }
    names.add(name)
    entries.push(...(await entriesOf(subchart, `${base}charts/`)))
  }
  return entries
}

/** Chart.yaml as Helm writes its metadata; dependencies of v1 charts stay in requirements.yaml. */
function chartYamlOf(metadata: ChartMetadata): string {
  const written = metadata.apiVersion === 'v1' ? { ...metadata, dependencies: [] } : metadata
  return goYaml(JSON.parse(Buffer.from(helmConfig(written)).toString()) as { [key: string]: Json })
}

function lockOf({ generated, digest, dependencies }: ChartLock): string {
  const listed = dependencies?.map((dependency) => goDependency(dependency)) ?? null
  return goYaml(
    JSON.parse(JSON.stringify({ generated: goTime(generated), digest, dependencies: listed })) as {
      [key: string]: Json
    },
  )
}

async function refuseBroken(schema: PackageFile, base: string): Promise<void> {
  try {
    JSON.parse(Buffer.from(await schema.read()).toString())
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    throw refuse('chart-invalid', `${base}values.schema.json is no JSON: ${error.message.slice(0, 300)}.`)
  }
}

function made(name: string, text: string): Entry {
  return { name, read: () => Promise.resolve(encoder.encode(text)) }
}

async function* tarOf(entries: readonly Entry[], mtime: Date): AsyncGenerator<Uint8Array> {
  let content = 0
  for (const { name, read } of entries) {
    const body = await read()
    content += body.length
    if (content > archiveLimits.content) throw tooLarge('The chart is too large', 'content')
    const tar = await packTar([
      { header: { name, size: body.length, type: 'file', mode: 0o644, mtime }, body },
    ])
    yield tar.subarray(0, -tarEnd.length)
  }
  yield tarEnd
}

/** Two empty blocks end a tar. */
const tarEnd = new Uint8Array(1024)
