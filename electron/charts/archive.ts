import { createReadStream } from 'node:fs'
import { Readable } from 'node:stream'
import type { ChartMetadata } from '../../shared/model/chart.ts'
import { type ArchiveFile, archiveFiles, type Budget } from './archive-entries.ts'
import { archiveLimits, refuse, tooLarge, within } from './archive-refusals.ts'
import { readChartYaml } from './chart-yaml.ts'

/** What is read of a chart archive, in one pass over it and without unpacking it to disk. */
export interface ChartArchive {
  /** Chart.yaml of the chart itself, not of a subchart. */
  chartYaml: Uint8Array
  /** requirements.yaml, where charts of apiVersion v1 name their dependencies. */
  requirementsYaml?: Uint8Array
  /** Those of `keptFiles` the chart itself has, by name, without byte order marks. */
  files: ReadonlyMap<string, Uint8Array>
  /** The charts in charts/, folders and archives, in the order of their names there. */
  subcharts: readonly Subchart[]
  /** Paths of the files below the chart's directory, in their order; what is in an archive in charts/ is not listed. */
  paths: readonly string[]
  /** Files, those of archives in charts/ not counted. */
  entries: number
  /** When the newest entry was changed, milliseconds since 1970. */
  newest: number
}

/** A chart in the charts/ of another. */
export interface Subchart {
  name: string
  version: string
  metadata: ChartMetadata
  values?: Uint8Array
  valuesSchema?: Uint8Array
  subcharts: readonly Subchart[]
}

/** What is kept of a chart and of each of its subcharts. */
const keptFiles: ReadonlySet<string> = new Set([
  'Chart.yaml',
  'Chart.lock',
  'requirements.yaml',
  'requirements.lock',
  'values.yaml',
  'values.schema.json',
])
const valueFiles: ReadonlySet<string> = new Set(['values.yaml', 'values.schema.json'])

/** A chart while its archive is read. */
interface Node {
  files: Map<string, Uint8Array>
  /** By their names in charts/. */
  children: Map<string, Node>
}

interface Reading extends Budget {
  kept: number
}

/**
 * Reads a chart's .tgz the way Helm does, as a stream and within `archiveLimits`, and refuses what no chart
 * needs: paths that leave the chart, links, devices, one path twice. Throws a FailureError of kind
 * `archive-invalid`, `chart-invalid` or `file-too-large` that names the entry, the subchart or the limit.
 */
export async function readChartArchive(path: string): Promise<ChartArchive> {
  const root = emptyNode()
  const reading: Reading = { streamed: 0, entries: 0, names: 0, kept: 0 }
  const paths: string[] = []
  let newest = 0
  for await (const file of archiveFiles(createReadStream(path), reading)) {
    paths.push(file.path)
    newest = Math.max(newest, file.mtime)
    await sort(file, root, reading, 0)
  }
  const { files } = root
  const chartYaml = files.get('Chart.yaml')
  if (chartYaml === undefined) {
    throw refuse(
      'chart-invalid',
      'It is no chart: there is no <name>/Chart.yaml in it.',
      [],
      ['choose-another-file', 'repackage-chart'],
    )
  }
  const requirementsYaml = files.get('requirements.yaml')
  return {
    chartYaml,
    ...(requirementsYaml ? { requirementsYaml } : {}),
    files,
    subcharts: subchartsOf(root, 'charts'),
    paths,
    entries: paths.length,
    newest,
  }
}

function emptyNode(): Node {
  return { files: new Map(), children: new Map() }
}

/** Keeps a file with the chart it is part of, as Helm's loader sorts them (pkg/chart/v2/loader, LoadFiles). */
async function sort(file: ArchiveFile, root: Node, reading: Reading, depth: number): Promise<void> {
  let node = root
  let rest = file.path
  for (;;) {
    const [, name, inside] = /^charts\/([^/]+)(?:\/(.*))?$/s.exec(rest) ?? []
    // a chart's provenance lies beside it, and names that begin so are for others than Helm
    if (name === undefined || (inside === undefined && name.endsWith('.prov')) || /^[._]/.test(name)) break
    let child = node.children.get(name)
    if (child === undefined) node.children.set(name, (child = emptyNode()))
    node = child
    if (inside !== undefined) {
      rest = inside
      continue
    }
    if (name.endsWith('.tgz')) await readNested(file, node, reading, depth)
    return
  }
  if (!keptFiles.has(rest)) return
  if (!valueFiles.has(rest) && file.size > archiveLimits.chartYaml) {
    throw tooLarge(`${rest} is too large`, 'chartYaml', file.name)
  }
  reading.kept += file.size
  if (reading.kept > archiveLimits.kept) throw tooLarge('Its values and metadata are too large', 'kept')
  node.files.set(rest, await file.read())
}

async function readNested(file: ArchiveFile, node: Node, reading: Reading, depth: number): Promise<void> {
  if (depth >= archiveLimits.depth) throw tooLarge('Archives lie in archives too deep', 'depth', file.name)
  try {
    const source = Readable.from([await file.read()])
    for await (const inner of archiveFiles(source, reading)) await sort(inner, node, reading, depth + 1)
  } catch (error) {
    throw within(file.path, error)
  }
}

function subchartsOf(node: Node, place: string): Subchart[] {
  return [...node.children]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, child]) => {
      try {
        return subchartOf(child, `${place}/${name}`)
      } catch (error) {
        throw within(`${place}/${name}`, error)
      }
    })
}

function subchartOf(node: Node, place: string): Subchart {
  const { files } = node
  const chartYaml = files.get('Chart.yaml')
  if (chartYaml === undefined) {
    throw refuse('chart-invalid', 'There is no Chart.yaml in it, and Helm takes nothing but charts there.')
  }
  const metadata = readChartYaml(chartYaml, files.get('requirements.yaml'))
  const values = files.get('values.yaml')
  const valuesSchema = files.get('values.schema.json')
  return {
    name: metadata.name,
    version: metadata.version,
    metadata,
    ...(values ? { values } : {}),
    ...(valuesSchema ? { valuesSchema } : {}),
    subcharts: subchartsOf(node, `${place}/charts`),
  }
}
