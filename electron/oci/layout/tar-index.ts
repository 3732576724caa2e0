import type { FileHandle } from 'node:fs/promises'
import { type TarHeader, unpackTar } from 'modern-tar'
import { archiveInvalid, archiveTooLarge } from './archive-failure.ts'

const block = 512

/** What is looked at of an archive before it is refused. */
export const tarLimits = {
  /** Entries: an image has a handful a layer. */
  entries: 100_000,
  /** Bytes of one extended header: a long name. */
  extended: 1024 * 1024,
  /** Extended headers before one entry: a name, a link's name, a pax header, a global one. */
  described: 4,
  /** Links that lead to links. */
  hops: 8,
} as const

/** Where the bytes of a file of the archive lie, in bytes from its start. */
export interface TarEntry {
  offset: number
  size: number
}

interface Link {
  name: string
  target: string
}

/** The types an archive of images has: files, links, directories, and headers that describe the next one. */
const plain = '0\0'
const extended = 'xgLK'

/**
 * Reads the headers of a tar file and skips over what they describe: name to place, names without "./".
 * Nothing is unpacked, yet paths that leave the archive, links out of it, devices, duplicates and sizes beyond
 * the file's end are refused with a FailureError of kind `archive-invalid`, or `file-too-large` past `tarLimits`.
 */
export async function indexTar(file: FileHandle, bytes: number): Promise<Map<string, TarEntry>> {
  const entries = new Map<string, TarEntry>()
  const links: Link[] = []
  let headers: Uint8Array[] = []
  let at = 0
  let count = 0
  for (;;) {
    const header = await readAt(file, at, block, bytes)
    if (header.every((byte) => byte === 0)) break
    checkSum(header)
    at += block
    count += 1
    if (count > tarLimits.entries) throw archiveTooLarge('It has too many entries', tarLimits.entries)
    headers.push(header)
    const type = String.fromCharCode(header[156] ?? 0)
    if (extended.includes(type)) {
      if (headers.length > 2 * tarLimits.described) {
        throw archiveTooLarge('An entry has too many headers', tarLimits.described)
      }
      const described = padded(extendedSize(header))
      headers.push(await readAt(file, at, described, bytes))
      at += described
      continue
    }
    const { name, size, linkname, type: kind } = await parse(headers)
    headers = []
    const path = pathOf(name, name)
    if (kind === 'link' || kind === 'symlink') links.push(linkOf(path, name, kind, linkname ?? ''))
    else if (kind === 'file' && plain.includes(type)) {
      if (entries.has(path)) throw archiveInvalid('it is there twice', name)
      if (size > bytes - at) throw archiveInvalid('it is larger than what is left of the archive', name)
      entries.set(path, { offset: at, size })
      at += padded(size)
    } else if (kind !== 'directory') throw archiveInvalid('it is neither a file nor a directory', name)
  }
  resolveLinks(entries, links)
  return entries
}

/** Exactly `length` bytes; an archive that has not that many ends too early. */
async function readAt(file: FileHandle, at: number, length: number, bytes: number): Promise<Uint8Array> {
  if (at + length > bytes) throw archiveInvalid('The tar archive ends too early.')
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, at)
  if (bytesRead < length) throw archiveInvalid('The tar archive ends too early.')
  return buffer
}

/** The sum of all bytes of a header, its own field taken as spaces (POSIX ustar). */
function checkSum(header: Uint8Array): void {
  const stored = octal(header.subarray(148, 156))
  const sum = header.reduce((total, byte, index) => total + (index >= 148 && index < 156 ? 32 : byte), 0)
  if (sum !== stored) throw archiveInvalid('It is no tar archive, or a broken one.')
}

function extendedSize(header: Uint8Array): number {
  const size = octal(header.subarray(124, 136))
  if (!(size <= tarLimits.extended)) throw archiveTooLarge('A name in it is too long', tarLimits.extended)
  return size
}

function octal(field: Uint8Array): number {
  return Number.parseInt(Buffer.from(field).toString('latin1').replace(/\0.*$/s, '').trim(), 8)
}

/** What the library makes of the headers that describe one entry; its body, which is not there, is not asked for. */
async function parse(headers: Uint8Array[]): Promise<TarHeader> {
  try {
    const [entry] = await unpackTar(Buffer.concat(headers))
    if (entry !== undefined && Number.isSafeInteger(entry.header.size)) return entry.header
  } catch {
    // said below
  }
  throw archiveInvalid('A header of the tar archive cannot be read.')
}

function linkOf(path: string, name: string, kind: 'link' | 'symlink', target: string): Link {
  // a hard link names an entry from the root of the archive, a symbolic one from its own folder
  const folder = kind === 'link' ? '' : path.slice(0, path.lastIndexOf('/') + 1)
  if (target.startsWith('/')) throw archiveInvalid('it is a link that leaves the archive', name)
  return { name: path, target: pathOf(folder + target, name) }
}

/** Links to files of the archive are other names of them; `docker save` repeats layers like this. */
function resolveLinks(entries: Map<string, TarEntry>, links: readonly Link[]): void {
  const targets = new Map(links.map(({ name, target }) => [name, target]))
  for (const { name } of links) {
    if (entries.has(name)) throw archiveInvalid('it is there twice', name)
    let target = name
    for (let hops = 0; targets.has(target); hops += 1) {
      if (hops === tarLimits.hops) throw archiveInvalid('it is a link that leads to no file', name)
      target = targets.get(target) ?? ''
    }
    const entry = entries.get(target)
    if (entry === undefined) throw archiveInvalid('it is a link that leads to no file', name)
    entries.set(name, entry)
  }
}

/** A path as it is looked up; one that would leave the archive is refused. */
function pathOf(path: string, entry: string): string {
  if (path.startsWith('/') || path.includes('\\')) throw archiveInvalid('its path is absolute', entry)
  const segments: string[] = []
  for (const segment of path.split('/')) {
    if (segment === '' || segment === '.') continue
    if (segment !== '..') segments.push(segment)
    else if (segments.pop() === undefined || path === entry) {
      throw archiveInvalid('its path leaves the archive', entry)
    }
  }
  return segments.join('/')
}

function padded(size: number): number {
  return Math.ceil(size / block) * block
}
