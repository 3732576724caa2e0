import { Readable } from 'node:stream'
import type { ChartMetadata } from '../../../shared/model/chart.ts'
import { archiveFiles, type Budget } from '../archive-entries.ts'
import { archiveLimits, refuse, tooLarge, within } from '../archive-refusals.ts'
import { type ChartLock, readChartLock, readChartYaml } from '../chart-yaml.ts'
import type { PackageFile } from './read-folder.ts'

/** A chart as Helm's loader sorts its files (helm.sh/helm/v4/pkg/chart/v2/loader, LoadFiles). */
export interface LoadedChart {
  metadata: ChartMetadata
  lock?: ChartLock
  values?: PackageFile
  schema?: PackageFile
  /** Files below templates/, and all others that stay as they are, in their order. */
  templates: PackageFile[]
  others: PackageFile[]
  /** By their names in charts/. */
  subcharts: LoadedChart[]
}

/** What archives in charts/ have used up; their files are kept in memory while the chart is packaged. */
export interface Loading extends Budget {
  unpacked: number
  depth: number
}

/**
 * Sorts a chart's files, those of subcharts too, and reads what says what they are. Names in charts/ that begin with
 * a dot or an underline are left out, as Helm does. Throws a FailureError of kind `chart-invalid` where Helm would not
 * load the chart, and what reading an archive throws.
 */
export async function loadChart(files: readonly PackageFile[], loading: Loading): Promise<LoadedChart> {
  const byPath = new Map(files.map((file) => [file.path, file]))
  const metadata = await readMetadata(byPath)
  const isFirst = metadata.apiVersion === 'v1'
  const chart: LoadedChart = { metadata, templates: [], others: [], subcharts: [] }
  const inCharts = new Map<string, PackageFile[]>()
  for (const file of files) {
    const { path } = file
    if (path === 'Chart.yaml') continue
    if (path === 'values.yaml') chart.values = file
    else if (path === 'values.schema.json') chart.schema = file
    else if (path === 'Chart.lock' || path === 'requirements.lock') {
      chart.lock = readChartLock(path, await readSmall(file))
      if (isFirst && path === 'requirements.lock') chart.others.push(file)
    } else if (path === 'requirements.yaml') {
      if (isFirst) chart.others.push(file)
    } else if (path.startsWith('templates/')) chart.templates.push(file)
    else if (path.startsWith('charts/') && !path.endsWith('.prov')) {
      const [name = ''] = path.slice('charts/'.length).split('/', 1)
      if (!/^[._]/.test(name)) inCharts.set(name, [...(inCharts.get(name) ?? []), file])
    } else chart.others.push(file)
  }
  for (const [name, own] of [...inCharts].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    chart.subcharts.push(await loadSubchart(name, own, loading))
  }
  return chart
}

async function readMetadata(files: ReadonlyMap<string, PackageFile>): Promise<ChartMetadata> {
  const chartYaml = files.get('Chart.yaml')
  if (chartYaml === undefined) {
    throw refuse(
      'chart-invalid',
      'It is no chart: there is no Chart.yaml in it.',
      [],
      ['choose-another-file'],
    )
  }
  const requirements = files.get('requirements.yaml')
  return readChartYaml(
    await readSmall(chartYaml),
    requirements === undefined ? undefined : await readSmall(requirements),
  )
}

async function loadSubchart(
  name: string,
  files: readonly PackageFile[],
  loading: Loading,
): Promise<LoadedChart> {
  const place = `charts/${name}`
  try {
    const [first] = files
    if (name.endsWith('.tgz') && first?.path === place) return await loadArchive(first, loading)
    // files of charts/ itself have no such prefix, and a chart without any file has no Chart.yaml
    const inside = files.filter(({ path }) => path.startsWith(`${place}/`))
    const own = inside.map((file) => ({ ...file, path: file.path.slice(place.length + 1) }))
    return await loadChart(own, loading)
  } catch (error) {
    throw within(place, error)
  }
}

async function loadArchive(archive: PackageFile, loading: Loading): Promise<LoadedChart> {
  if (loading.depth >= archiveLimits.depth) throw tooLarge('Archives lie in archives too deep', 'depth')
  const files: PackageFile[] = []
  for await (const file of archiveFiles(Readable.from([await archive.read()]), loading)) {
    loading.unpacked += file.size
    if (loading.unpacked > archiveLimits.content) throw tooLarge('It unpacks to too much', 'content')
    const bytes = await file.read()
    const { path, mtime } = file
    files.push({ path, size: bytes.length, mtime, read: () => Promise.resolve(bytes) })
  }
  loading.depth += 1
  const chart = await loadChart(files, loading)
  loading.depth -= 1
  return chart
}

async function readSmall(file: PackageFile): Promise<Uint8Array> {
  if (file.size > archiveLimits.chartYaml) throw tooLarge(`${file.path} is too large`, 'chartYaml', file.path)
  return file.read()
}
