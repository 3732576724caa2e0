import { pipeline, type Readable } from 'node:stream'
import { ReadableStream } from 'node:stream/web'
import { createGunzip } from 'node:zlib'
import { createTarDecoder, type TarHeader } from 'modern-tar'
import { type Evidence, FailureError } from '../../shared/model/failure.ts'
import { failureError } from '../../shared/model/local-failure.ts'
import { archiveLimits, refuse, refuseEntry, tooLarge } from './archive-refusals.ts'

/** A file in a chart archive. */
export interface ArchiveFile {
  /** As the archive has it, for what is said about it. */
  name: string
  /** Below the archive's first directory, whatever that one is called: Helm does not compare it. */
  path: string
  /** Bytes. */
  size: number
  /** When it was changed, milliseconds since 1970. */
  mtime: number
  /** Its bytes without a byte order mark, which Helm drops of every file. Unread ones are passed over. */
  read(): Promise<Uint8Array>
}

/** What an archive and the archives in it have used up of `archiveLimits`. */
export interface Budget {
  streamed: number
  entries: number
  names: number
}

/** The files of a chart's .tgz, read from `source` as a stream: see `tarFiles`. */
export function archiveFiles(source: Readable, budget: Budget): AsyncGenerator<ArchiveFile> {
  return tarFiles(gunzipped(source), budget)
}

/**
 * The files of a tar with a chart in one directory, read as a stream within `archiveLimits`; links, devices, paths
 * that leave the chart and a second file of one path are refused. Throws a FailureError of kind `archive-invalid` or
 * `file-too-large` that names the entry or the limit, or the one that `source` throws.
 */
export async function* tarFiles(
  source: AsyncIterable<Uint8Array>,
  budget: Budget,
): AsyncGenerator<ArchiveFile> {
  const seen = new Set<string>()
  const counts = { content: 0, bodies: 0 }
  try {
    const bytes = counted(source, budget, counts)
    const tar = ReadableStream.from(bytes).pipeThrough(createTarDecoder({ strict: true }))
    for await (const { header, body } of tar) {
      budget.entries += 1
      if (budget.entries > archiveLimits.entries) throw tooLarge('It has too many entries', 'entries')
      countName(header.name, budget)
      refuseType(header)
      refusePath(header.name)
      if (header.size > archiveLimits.file) throw tooLarge('A file in it is too large', 'file', header.name)
      counts.bodies += header.size + 512
      counts.content += header.size
      if (counts.content > archiveLimits.content) throw tooLarge('It unpacks to too much', 'content')
      if (header.type === 'directory') {
        await body.cancel()
        continue
      }
      const path = insideChart(header.name)
      if (path === '') throw refuseEntry('it is not in a directory', header.name)
      if (seen.has(path)) throw refuseEntry('its path is there twice', header.name)
      seen.add(path)
      let isRead = false
      yield {
        name: header.name,
        path,
        size: header.size,
        mtime: header.mtime?.getTime() || 0,
        read: () => {
          isRead = true
          return bytesOf(body)
        },
      }
      if (!isRead) await body.cancel()
    }
  } catch (error) {
    throw explained(error)
  }
}

async function bytesOf(body: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  try {
    for await (const chunk of body) chunks.push(chunk)
  } catch (error) {
    throw explained(error)
  }
  return withoutMark(Buffer.concat(chunks))
}

/** Bytes without the byte order mark that Windows programs put before UTF-8. */
export function withoutMark(bytes: Uint8Array): Uint8Array {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes
}

function gunzipped(source: Readable): AsyncIterable<Uint8Array> {
  const gunzip = createGunzip()
  // the callback has nothing to do: what breaks on either side is thrown to the reader of gunzip
  pipeline(source, gunzip, () => undefined)
  return gunzip
}

/** The bytes of a tar, as long as they belong to files and the limit of all streams is not reached. */
async function* counted(
  source: AsyncIterable<Uint8Array>,
  budget: Budget,
  counts: { readonly bodies: number },
): AsyncGenerator<Uint8Array> {
  let bytes = 0
  for await (const chunk of source) {
    bytes += chunk.length
    budget.streamed += chunk.length
    if (bytes - counts.bodies > archiveLimits.headers) {
      throw tooLarge('It has too much in it that is no file', 'headers')
    }
    if (budget.streamed > archiveLimits.streams) {
      throw tooLarge('It and the archives in it unpack to too much', 'streams')
    }
    yield chunk
  }
}

function countName(name: string, budget: Budget): void {
  if (name.length > archiveLimits.path) throw tooLarge('A path in it is too long', 'path', name)
  budget.names += name.length
  if (budget.names > archiveLimits.paths) throw tooLarge('The paths in it are too long together', 'paths')
}

function refuseType({ type, name, linkname }: TarHeader): void {
  if (type === 'file' || type === 'directory') return
  if (type === 'link' || type === 'symlink') {
    throw refuseEntry(`it is a link to "${(linkname ?? '').slice(0, 200)}"`, name)
  }
  throw refuseEntry(`it is a ${type ?? 'special file'}`, name)
}

function refusePath(name: string): void {
  const segments = segmentsOf(name)
  if (segments[0] === '') throw refuseEntry('its path is absolute', name)
  if (/^[a-zA-Z]:/.test(name) || /^[a-zA-Z]:/.test(segments[1] ?? '')) {
    throw refuseEntry('its path names a drive', name)
  }
  if (segments.includes('..')) throw refuseEntry('its path leaves the chart', name)
  if (name.includes('\0')) throw refuseEntry('its path has a NUL in it', name.replaceAll('\0', '?'))
  if (segments.length === 1 && segments[0] === 'Chart.yaml') {
    throw refuseEntry('Chart.yaml must be in a directory', name)
  }
}

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
    return refuse('archive-invalid', 'It is no .tgz: the gzip data is invalid.', evidence, [
      'choose-another-file',
      'repackage-chart',
    ])
  }
  if (code === 'ENOENT') {
    return failureError('no-such-item', 'input', 'The file is not there any more.', {
      next: ['choose-another-file'],
    })
  }
  if (code !== undefined) return refuse('internal', 'The file cannot be read.', evidence)
  return refuse('archive-invalid', 'The tar archive inside is broken or ends too early.', evidence)
}
