import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** One file of the cache: bytes, and when it was last used in milliseconds since 1970. */
export interface Kept {
  path: string
  size: number
  usedAt: number
}

/** Every entry there is; one that vanishes meanwhile was pruned by another instance. */
export async function listKept(directory: string): Promise<Kept[]> {
  const shelves = await Promise.all(
    ['sha256', 'sha512'].map(async (algorithm) =>
      (await namesIn(join(directory, algorithm))).map((prefix) => join(directory, algorithm, prefix)),
    ),
  )
  const kept: Kept[] = []
  for (const shelf of shelves.flat()) {
    kept.push(...(await measure(shelf, await namesIn(shelf))))
  }
  return kept
}

/** Files that are being written, or were when their process ended. */
export async function listLeftovers(directory: string): Promise<Kept[]> {
  const names = await namesIn(directory)
  return measure(
    directory,
    names.filter((name) => name.endsWith('.new')),
  )
}

async function measure(directory: string, names: string[]): Promise<Kept[]> {
  const measured = await Promise.all(
    names.map(async (name) => {
      const path = join(directory, name)
      const found = await stat(path).catch(ifGone)
      return found === undefined ? [] : [{ path, size: found.size, usedAt: found.mtimeMs }]
    }),
  )
  return measured.flat()
}

async function namesIn(directory: string): Promise<string[]> {
  return (await readdir(directory).catch(ifGone)) ?? []
}

/** Lets a missing file pass. */
export function ifGone(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
}
