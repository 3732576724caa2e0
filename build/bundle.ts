import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
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
const appFolder = join(root, 'dist/app')

/**
 * Builds the page and the two Electron bundles into `dist/app`, unless nothing they are made of changed since.
 * Returns whether there was anything to do. Where several processes ask at once, one builds and the rest wait.
 */
export function bundle(): Promise<boolean> {
  return alone(async () => {
    const built = await stat(join(appFolder, 'electron/main.js')).catch(() => undefined)
    const changed = Math.max(...(await Promise.all(sources.map((path) => newest(join(root, path))))))
    if (built !== undefined && built.mtimeMs >= changed) return false
    await buildAndSwap()
    return true
  })
}

/** Builds beside and swaps, so that a build that fails leaves the one before. */
async function buildAndSwap(): Promise<void> {
  const beside = `${appFolder}.new`
  const before = `${appFolder}.old`
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
    await rm(before, { recursive: true, force: true })
    await rename(appFolder, before).catch(() => undefined)
    await rename(beside, appFolder)
  } finally {
    await rm(beside, { recursive: true, force: true })
    await rm(before, { recursive: true, force: true })
  }
}

/** Runs `job` while no other process runs one here; a lock whose process has died is no lock. */
async function alone<T>(job: () => Promise<T>): Promise<T> {
  const lock = `${appFolder}.lock`
  await mkdir(join(root, 'dist'), { recursive: true })
  while (!(await take(lock))) {
    const holder = Number(await readFile(lock, 'utf8').catch(() => ''))
    if (holder > 0 && !isAlive(holder)) await rm(lock, { force: true })
    else await delay(100)
  }
  try {
    return await job()
  } finally {
    await rm(lock, { force: true })
  }
}

async function take(lock: string): Promise<boolean> {
  try {
    await writeFile(lock, String(process.pid), { flag: 'wx' })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** When the file, or the newest file below the folder, last changed: milliseconds since 1970. */
async function newest(path: string): Promise<number> {
  const found = await stat(path)
  if (!found.isDirectory()) return found.mtimeMs
  const entries = await readdir(path, { recursive: true, withFileTypes: true })
  const times = entries.map(async (entry) => (await stat(join(entry.parentPath, entry.name))).mtimeMs)
  return Math.max(found.mtimeMs, ...(await Promise.all(times)))
}

if (import.meta.main) {
  process.stdout.write((await bundle()) ? 'Built dist/app.\n' : 'dist/app is up to date.\n')
}
