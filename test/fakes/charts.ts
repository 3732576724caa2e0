import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { gzipSync } from 'node:zlib'
import { packTar, type TarHeader } from 'modern-tar'

/** One entry of an archive that is made for a test; `body` is its content. */
export interface Entry extends Partial<TarHeader> {
  name: string
  body?: string | Uint8Array
}

const changed = new Date('2026-01-02T03:04:05Z')

/** A Chart.yaml with what a chart must have, `more` put behind it. */
export function chartYaml(name = 'cart', version = '1.0.0', more = ''): string {
  return `apiVersion: v2\nname: ${name}\nversion: ${version}\n${more}`
}

/** A chart that helm takes: Chart.yaml, values and one template, padded with `padding` incompressible bytes. */
export function chartEntries(options: {
  name?: string
  version?: string
  more?: string
  padding?: number
}): Entry[] {
  const { name = 'cart', version = '1.0.0', more = '', padding = 0 } = options
  const entries: Entry[] = [
    { name: `${name}/Chart.yaml`, body: chartYaml(name, version, more) },
    { name: `${name}/values.yaml`, body: 'replicas: 1\n' },
    {
      name: `${name}/templates/config.yaml`,
      body: `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n`,
    },
  ]
  const fileBytes = 4 * 1024 * 1024
  for (let left = padding, part = 0; left > 0; left -= fileBytes, part += 1) {
    entries.push({ name: `${name}/files/${part}.bin`, body: randomBytes(Math.min(left, fileBytes)) })
  }
  return entries
}

/** The .tgz of such a chart. */
export async function chartArchive(options: Parameters<typeof chartEntries>[0] = {}): Promise<Buffer> {
  return archiveOf(chartEntries(options))
}

/** A .tgz of any entries, good or bad. */
export async function archiveOf(entries: readonly Entry[]): Promise<Buffer> {
  return gzipSync(await tarOf(entries))
}

export async function tarOf(entries: readonly Entry[]): Promise<Uint8Array> {
  return packTar(
    entries.map(({ body = '', ...header }) => {
      const data = typeof body === 'string' ? Buffer.from(body) : body
      return { header: { type: 'file' as const, mtime: changed, size: data.length, ...header }, body: data }
    }),
  )
}

/**
 * Writes a .tgz whose Chart.yaml is `bytes` (whole mebibytes) of spaces: gigabytes that compress to megabytes.
 * `claimed` is the size its header gives.
 */
export async function writeBomb(path: string, bytes: number, claimed = bytes): Promise<void> {
  const whole = await tarOf([{ name: 'cart/Chart.yaml', body: '' }])
  const header = Buffer.from(whole.subarray(0, 512))
  header.write(`${claimed.toString(8).padStart(11, '0')}\0`, 124, 'latin1')
  header.fill(' ', 148, 156)
  const sum = header.reduce((total, byte) => total + byte, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
  // gzip members may follow one another: a mebibyte is compressed once and repeated
  const piece = gzipSync(Buffer.alloc(1024 * 1024, ' '))
  const pieces = Array.from({ length: bytes / (1024 * 1024) }, () => piece)
  await writeFile(path, Buffer.concat([gzipSync(header), ...pieces, gzipSync(Buffer.alloc(1024))]))
}
