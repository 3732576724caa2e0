import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream'
import { ReadableStream } from 'node:stream/web'
import { createGunzip } from 'node:zlib'
import { createTarDecoder, type ParsedTarEntry, type TarHeader } from 'modern-tar'
import { type Evidence, FailureError, type FailureKind, type NextStep } from '../../shared/model/failure.ts'
import { failureError } from '../../shared/model/local-failure.ts'

const MiB = 1024 * 1024

/** What an archive may hold. The first two are Helm's (helm.sh/helm/v4/pkg/chart/loader/archive), in bytes. */
export const archiveLimits = {
  content: 100 * MiB,
  file: 5 * MiB,
  /** The tar stream with its headers: an archive of nothing but headers ends here. */
  stream: 128 * MiB,
  entries: 20_000,
  /** Chart.yaml becomes the config blob and, by its annotations, part of a manifest, which registries cap at 4 MiB. */
  chartYaml: 1 * MiB,
} as const

/** What is read of a chart archive. */
export interface ChartArchive {
  /** Chart.yaml of the chart itself, not of a subchart. */
  chartYaml: Uint8Array
  /** requirements.yaml, where charts of apiVersion v1 name their dependencies. */
  requirementsYaml?: Uint8Array
  /** Files and directories; headers that only describe others are not counted. */
  entries: number
  /** When the newest entry was changed, milliseconds since 1970. */
  newest: number
}

/**
 * Reads a chart's .tgz the way Helm does, as a stream and within `archiveLimits`, and refuses what no chart
 * needs: paths that leave the chart, links and devices. Throws a FailureError of kind `archive-invalid`,
 * `chart-invalid` or `file-too-large` that names the entry or the limit.
 */
export async function readChartArchive(path: string): Promise<ChartArchive> {
  const found = new Map<string, Uint8Array>()
  let content = 0
  let entries = 0
  let newest = 0
  try {
    const tar = ReadableStream.from(unpack(path)).pipeThrough(createTarDecoder({ strict: true }))
    for await (const entry of tar) {
      const { header } = entry
      entries += 1
      if (entries > archiveLimits.entries) throw tooLarge('It has too many entries', 'entries')
      refuseType(header)
      refusePath(header.name)
      if (header.size > archiveLimits.file) throw tooLarge('A file in it is too large', 'file', header.name)
      content += header.size
      if (content > archiveLimits.content) throw tooLarge('It unpacks to too much', 'content')
      newest = Math.max(newest, header.mtime?.getTime() || 0)
      await readOwn(entry, found)
    }
  } catch (error) {
    throw explained(error)
  }
  const chartYaml = found.get('Chart.yaml')
  if (chartYaml === undefined) {
    throw refuse('chart-invalid', 'It is no chart: there is no <name>/Chart.yaml in it.', [], {
      next: ['choose-another-file', 'repackage-chart'],
    })
  }
  const requirementsYaml = found.get('requirements.yaml')
  return { chartYaml, entries, newest, ...(requirementsYaml ? { requirementsYaml } : {}) }
}

/** The bytes of the tar inside, never more than the stream's limit. */
async function* unpack(path: string): AsyncGenerator<Uint8Array> {
  const gunzip = createGunzip()
  // the callback has nothing to do: what breaks on either side is thrown by the loop below
  pipeline(createReadStream(path), gunzip, () => undefined)
  let bytes = 0
  for await (const chunk of gunzip as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > archiveLimits.stream) throw tooLarge('It unpacks to too much', 'stream')
    yield chunk
  }
}

/** Keeps the bytes of the chart's own two files; all others are skipped unread. */
async function readOwn(entry: ParsedTarEntry, found: Map<string, Uint8Array>): Promise<void> {
  const { header } = entry
  const name = insideChart(header.name)
  if (header.type !== 'file' || (name !== 'Chart.yaml' && name !== 'requirements.yaml')) {
    await entry.body.cancel()
    return
  }
  if (header.size > archiveLimits.chartYaml) throw tooLarge(`${name} is too large`, 'chartYaml', header.name)
  if (found.has(name)) throw refuseEntry(`there is a second ${name}`, header.name)
  const chunks: Uint8Array[] = []
  for await (const chunk of entry.body) chunks.push(chunk)
  found.set(name, Buffer.concat(chunks))
}

function refuseType({ type, name, linkname }: TarHeader): void {
  if (type === 'file' || type === 'directory') return
  if (type === 'link' || type === 'symlink') throw refuseEntry(`it is a link to "${linkname ?? ''}"`, name)
  throw refuseEntry(`it is a ${type ?? 'special file'}`, name)
}

function refusePath(name: string): void {
  const segments = segmentsOf(name)
  if (segments[0] === '') throw refuseEntry('its path is absolute', name)
  if (/^[a-zA-Z]:/.test(name) || /^[a-zA-Z]:/.test(segments[1] ?? '')) {
    throw refuseEntry('its path names a drive', name)
  }
  if (segments.includes('..')) throw refuseEntry('its path leaves the chart', name)
  if (segments.length === 1 && segments[0] === 'Chart.yaml') {
    throw refuseEntry('Chart.yaml must be in a directory', name)
  }
}

/** The path below the archive's first directory, whatever that one is called: Helm does not compare it. */
function insideChart(name: string): string {
  return segmentsOf(name)
    .slice(1)
    .filter((segment) => segment !== '' && segment !== '.')
    .join('/')
}

/** Archives made on Windows may have backslashes. */
function segmentsOf(name: string): string[] {
  return name.split(/[/\\]/)
}

/** What zlib, the tar decoder and the disk say, as a Failure. */
function explained(error: unknown): FailureError {
  if (error instanceof FailureError) return error
  const { code, message } = error as NodeJS.ErrnoException
  const evidence: Evidence[] = [{ fact: 'message', value: message.slice(0, 2000) }]
  if (code === 'Z_BUF_ERROR') return refuse('archive-invalid', 'The gzip data ends too early.', evidence)
  if (code?.startsWith('Z_') === true) {
    return refuse('archive-invalid', 'It is no .tgz: the gzip data is invalid.', evidence, {
      next: ['choose-another-file', 'repackage-chart'],
    })
  }
  if (code === 'ENOENT') {
    return failureError('no-such-item', 'input', 'The file is not there any more.', {
      next: ['choose-another-file'],
    })
  }
  if (code !== undefined) return refuse('internal', 'The file cannot be read.', evidence)
  return refuse('archive-invalid', 'The tar archive inside is broken or ends too early.', evidence)
}

function refuseEntry(why: string, entry: string): FailureError {
  return refuse('archive-invalid', `The entry "${entry.slice(0, 200)}" is refused: ${why}.`, [
    { fact: 'entry', value: entry.slice(0, 2000) },
  ])
}

function tooLarge(what: string, limit: keyof typeof archiveLimits, entry?: string): FailureError {
  const value = String(archiveLimits[limit])
  const evidence: Evidence[] = [{ fact: 'limit', value }]
  if (entry !== undefined) evidence.push({ fact: 'entry', value: entry.slice(0, 2000) })
  return refuse('file-too-large', `${what}: the limit is ${value}.`, evidence)
}

function refuse(
  kind: FailureKind,
  message: string,
  evidence: Evidence[],
  more: { next: NextStep[] } = { next: ['repackage-chart', 'choose-another-file'] },
): FailureError {
  return failureError(kind, 'input', message, { evidence, next: more.next })
}
