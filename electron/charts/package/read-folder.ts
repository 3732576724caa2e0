import { constants } from 'node:fs'
import { lstat, open, readdir, realpath } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { type HelmIgnore, readHelmignore } from '../../../shared/model/helmignore.ts'
import { archiveLimits, refuse, refuseEntry, tooLarge } from '../archive-refusals.ts'
import { withoutMark } from '../archive-entries.ts'

/** A file that goes into a package. */
export interface PackageFile {
  /** Below the chart's folder, with `/` between its parts. */
  path: string
  /** Bytes, with a byte order mark that reading drops. */
  size: number
  /** When it was changed, milliseconds since 1970. */
  mtime: number
  read(): Promise<Uint8Array>
}

/** Names looked at in a folder, those that are left out among them, and how deep directories may lie in it. */
const folderLimits = { names: 200_000, depth: 100, helmignore: 1024 * 1024 } as const

/**
 * The files of a chart's folder that are packaged, in Helm's order: names by their bytes, directories among them.
 * .helmignore counts. Links are followed, as Helm does, but not out of the folder. Throws a FailureError of kind
 * `chart-invalid`, `archive-invalid` or `file-too-large` that names the file.
 */
export async function readChartFolder(directory: string): Promise<PackageFile[]> {
  const root = await realpath(directory)
  const folder: Folder = { root, rules: await rulesOf(root), files: [], names: 0 }
  await walk(folder, root, '', 0)
  return folder.files
}

interface Folder {
  root: string
  rules: HelmIgnore
  files: PackageFile[]
  names: number
}

async function rulesOf(root: string): Promise<HelmIgnore> {
  const path = join(root, '.helmignore')
  const found = await lstat(path).catch(() => undefined)
  if (found === undefined) return readHelmignore('')
  const resolved = await realpath(path).catch(() => Promise.reject(brokenLink('.helmignore')))
  if (found.isSymbolicLink()) refuseOutside({ root }, path, resolved, '.helmignore')
  const bytes = await readBounded(resolved, '.helmignore', folderLimits.helmignore)
  return readHelmignore(Buffer.from(bytes).toString())
}

async function walk(folder: Folder, directory: string, prefix: string, depth: number): Promise<void> {
  if (depth > folderLimits.depth) throw refuseEntry('it lies in too many directories', prefix)
  const names = await readdir(directory)
  folder.names += names.length
  if (folder.names > folderLimits.names) {
    throw refuse('file-too-large', `The folder holds more than ${folderLimits.names} names.`, [
      { fact: 'limit', value: String(folderLimits.names) },
    ])
  }
  for (const name of names.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))) {
    await visit(folder, join(directory, name), `${prefix}${name}`, depth)
  }
}

async function visit(folder: Folder, place: string, path: string, depth: number): Promise<void> {
  const isLink = (await lstat(place)).isSymbolicLink()
  const resolved = isLink ? await realpath(place).catch(() => Promise.reject(brokenLink(path))) : place
  const found = await lstat(resolved)
  if (folder.rules.names(path, found.isDirectory())) return
  if (isLink) refuseOutside(folder, place, resolved, path)
  if (found.isDirectory()) return walk(folder, resolved, `${path}/`, depth + 1)
  if (!found.isFile()) throw refuseEntry('it is neither a file nor a directory', path)
  if (found.size > archiveLimits.file) throw tooLarge('A file of the chart is too large', 'file', path)
  if (folder.files.length >= archiveLimits.entries) throw tooLarge('The chart has too many files', 'entries')
  folder.files.push({
    path,
    size: found.size,
    mtime: found.mtimeMs,
    read: async () => withoutMark(await readBounded(resolved, path, archiveLimits.file)),
  })
}

function refuseOutside({ root }: Pick<Folder, 'root'>, place: string, resolved: string, path: string): void {
  if (resolved !== root && !resolved.startsWith(root + sep)) {
    throw refuseEntry('it is a link out of the chart, and what it leads to would be published', path)
  }
  // a directory that holds the link itself would be walked without end
  const back = relative(resolved, place)
  if (!back.startsWith('..')) throw refuseEntry('it is a link to a directory it lies in', path)
}

function brokenLink(path: string) {
  return refuseEntry('it is a link that leads nowhere', path)
}

/** The file as long as it was when it was opened; a pipe or link that was put in its place is not waited for. */
async function readBounded(place: string, path: string, limit: number): Promise<Uint8Array> {
  const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0)
  const file = await open(place, flags).catch((error: unknown) => {
    const { code = 'unknown' } = error as NodeJS.ErrnoException
    throw refuse('input-invalid', `"${path.slice(0, 200)}" cannot be read.`, [
      { fact: 'error-code', value: code },
      { fact: 'entry', value: path.slice(0, 2000) },
    ])
  })
  try {
    const found = await file.stat()
    if (!found.isFile()) throw refuseEntry('it is no file any more', path)
    if (found.size > limit)
      throw refuse('file-too-large', `"${path.slice(0, 200)}" is larger than ${limit} bytes.`)
    const bytes = Buffer.alloc(found.size)
    let length = 0
    while (length < bytes.length) {
      const { bytesRead } = await file.read(bytes, length, bytes.length - length, length)
      if (bytesRead === 0) break
      length += bytesRead
    }
    return bytes.subarray(0, length)
  } finally {
    await file.close()
  }
}
