import { createReadStream } from 'node:fs'
import { createWriteStream } from 'node:fs'
import { mkdir, mkdtemp, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { archiveFiles } from '../../electron/charts/archive-entries.ts'
import { packageChart } from '../../electron/charts/package/package-chart.ts'
import { readChartFolder } from '../../electron/charts/package/read-folder.ts'
import type { Helm } from './helm.ts'

/** A package as it was made, and its files as `path`, `content` in their order. */
export interface Packed {
  file: string
  entries: Array<{ name: string; content: string }>
}

/** Packages a folder with helm. Throws what helm says. */
export async function helmPackage(helm: Helm, folder: string): Promise<Packed> {
  const directory = await mkdtemp(join(helm.directory, 'helm-'))
  await helm.run(['package', folder, '-d', directory])
  const [name = ''] = await readdir(directory)
  return unpacked(join(directory, name))
}

/** Packages it as Chartroom does, in a directory of its own. */
export async function ourPackage(helm: Helm, folder: string, epoch?: string): Promise<Packed> {
  const directory = await mkdtemp(join(helm.directory, 'ours-'))
  const { fileName, bytes } = await packageChart(await readChartFolder(folder), epoch)
  const file = join(directory, fileName)
  await pipeline(bytes, createWriteStream(file))
  return unpacked(file)
}

async function unpacked(file: string): Promise<Packed> {
  const entries: Packed['entries'] = []
  const budget = { streamed: 0, entries: 0, names: 0 }
  for await (const { name, read } of archiveFiles(createReadStream(file), budget)) {
    entries.push({ name, content: Buffer.from(await read()).toString('latin1') })
  }
  return { file, entries }
}

/** Makes an empty directory for a chart. */
export async function folderFor(helm: Helm, name: string): Promise<string> {
  const folder = join(await mkdtemp(join(helm.directory, 'chart-')), name)
  await mkdir(folder)
  return folder
}
