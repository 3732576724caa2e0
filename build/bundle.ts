import { readdir, rename, rm, stat, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { build } from 'vite'
import { electronConfig } from './vite.electron.ts'

const root = join(import.meta.dirname, '..')
const sources = [
  'shared',
  'electron',
  'renderer',
  'build/vite.electron.ts',
  'build/vite.renderer.ts',
  'package-lock.json',
]

/** The folder the desktop app is packed from: `electron/` and `renderer/`. */
export const appFolder = join(root, 'dist/app')

/**
 * Builds the page and the two Electron bundles into `dist/app`, unless nothing they are made of changed since.
 * Builds beside and swaps, so that nobody meets half of one build. Returns whether there was anything to do.
 */
export async function bundle(): Promise<boolean> {
  const main = join(appFolder, 'electron/main.js')
  const built = await stat(main).catch(() => undefined)
  const changed = Math.max(...(await Promise.all(sources.map((path) => newest(join(root, path))))))
  if (built !== undefined && built.mtimeMs >= changed) return false

  const beside = `${appFolder}.${process.pid}`
  const begun = new Date()
  try {
    await build({
      configFile: join(root, 'build/vite.renderer.ts'),
      logLevel: 'warn',
      build: { outDir: join(beside, 'renderer') },
    })
    await build(electronConfig('main', join(beside, 'electron')))
    await build(electronConfig('preload', join(beside, 'electron')))
    // what was saved while this ran is newer than the build
    await utimes(join(beside, 'electron/main.js'), begun, begun)
    await rm(appFolder, { recursive: true, force: true })
    await rename(beside, appFolder)
  } finally {
    await rm(beside, { recursive: true, force: true })
  }
  return true
}

/** When the file, or the newest file below the folder, last changed: milliseconds since 1970. */
async function newest(path: string): Promise<number> {
  const { mtimeMs } = await stat(path)
  const entries = await readdir(path, { recursive: true, withFileTypes: true }).catch(() => [])
  const times = entries.map(async (entry) => (await stat(join(entry.parentPath, entry.name))).mtimeMs)
  return Math.max(mtimeMs, ...(await Promise.all(times)))
}

if (import.meta.main) {
  process.stdout.write((await bundle()) ? 'Built dist/app.\n' : 'dist/app is up to date.\n')
}
