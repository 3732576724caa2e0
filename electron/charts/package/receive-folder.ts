import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readHelmignore } from '../../../shared/model/helmignore.ts'
import { tarFiles } from '../archive-entries.ts'
import type { PackageFile } from './read-folder.ts'

/**
 * Stores the files of a folder that arrives as a tar, in `directory` and under numbers: no name that was given becomes
 * a path. Answers with those .helmignore does not leave out, in Helm's order. Throws what `tarFiles` throws, and
 * `chart-invalid` for a broken .helmignore.
 */
export async function receiveFolder(
  tar: AsyncIterable<Uint8Array>,
  directory: string,
): Promise<PackageFile[]> {
  const files: PackageFile[] = []
  const budget = { streamed: 0, entries: 0, names: 0 }
  for await (const { path, size, mtime, read } of tarFiles(tar, budget)) {
    const place = join(directory, String(files.length))
    await writeFile(place, await read(), { flag: 'wx', mode: 0o600 })
    files.push({ path, size, mtime, read: () => readFile(place) })
  }
  const ignoring = await files.find(({ path }) => path === '.helmignore')?.read()
  const rules = readHelmignore(Buffer.from(ignoring ?? []).toString())
  return files.filter(({ path }) => !rules.leavesOut(path)).toSorted((a, b) => compare(a.path, b.path))
}

/** As a walk finds them: names by their bytes, directories among them. */
function compare(a: string, b: string): number {
  const [left, right] = [a.split('/'), b.split('/')]
  for (const [index, name] of left.entries()) {
    const order = Buffer.compare(Buffer.from(name), Buffer.from(right[index] ?? ''))
    if (order !== 0) return order
  }
  return left.length - right.length
}
