import type { FolderFile } from './chosen.ts'

const block = 512
const encoder = new TextEncoder()

/**
 * A tar (POSIX.1-2001, pax) of a folder's files below one directory. Files are parts of it by reference, so that
 * nothing of them is read before the Blob is sent.
 */
export function folderTar(files: readonly FolderFile[]): Blob {
  const parts: BlobPart[] = []
  for (const { path, file } of files) {
    const name = encoder.encode(`chart/${path}`)
    // in the header itself a name has a hundred bytes, and nobody knows their encoding
    if (name.length > 100 || name.length > path.length + 6) parts.push(...paxName(name))
    const seconds = Math.max(0, Math.round(file.lastModified / 1000))
    parts.push(header({ name, size: file.size, seconds, type: '0' }), file, padding(file.size))
  }
  parts.push(new Uint8Array(2 * block))
  return new Blob(parts)
}

/** The record `<length> path=<name>\n`, whose length counts its own digits. */
function paxName(name: Uint8Array): BlobPart[] {
  const rest = name.length + ' path=\n'.length
  let length = rest + String(rest).length
  length = rest + String(length).length
  const record = new Uint8Array(length)
  const { written } = encoder.encodeInto(`${length} path=`, record)
  record.set(name, written)
  record.set([0x0a], length - 1)
  const label = encoder.encode('pax')
  return [header({ name: label, size: length, seconds: 0, type: 'x' }), record, padding(length)]
}

function header(of: {
  name: Uint8Array
  size: number
  seconds: number
  type: '0' | 'x'
}): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(block)
  const write = (at: number, text: string) => encoder.encodeInto(text, bytes.subarray(at))
  const octal = (at: number, width: number, value: number) =>
    write(at, value.toString(8).padStart(width - 1, '0'))
  bytes.set(of.name.subarray(0, 100))
  octal(100, 8, 0o644)
  octal(108, 8, 0)
  octal(116, 8, 0)
  octal(124, 12, of.size)
  octal(136, 12, of.seconds)
  write(148, ' '.repeat(8))
  write(156, of.type)
  write(257, 'ustar')
  write(263, '00')
  const sum = bytes.reduce((total, byte) => total + byte, 0)
  write(148, `${sum.toString(8).padStart(6, '0')}\0 `)
  return bytes
}

function padding(size: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array((block - (size % block)) % block)
}
