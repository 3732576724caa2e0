import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './run.ts'

const folder = join(root, 'node_modules/electron')

/** Path of Electron's executable, or why there is none, in words that fit into a sentence. */
export type ElectronBinary = { path: string } | { missing: string }

/**
 * Finds Electron's executable, fetching it first where it is not there: npm does not, the package's own
 * install.js does, from its release host. `patience` is in milliseconds.
 */
export async function electronBinary(patience: number): Promise<ElectronBinary> {
  const before = installedPath()
  if (before !== undefined) return { path: before }
  const failure = await runInstaller(patience)
  const path = installedPath()
  return path === undefined ? { missing: failure ?? 'its installer left no executable' } : { path }
}

/** Where index.js of the package would find it; that file itself is not asked, for it would fetch at once. */
export function installedPath(): string | undefined {
  const pathFile = join(folder, 'path.txt')
  const name = existsSync(pathFile) ? readFileSync(pathFile, 'utf8') : undefined
  const own = process.env['ELECTRON_OVERRIDE_DIST_PATH']
  const path = own === undefined ? join(folder, 'dist', name ?? 'electron') : join(own, name ?? 'electron')
  return (name !== undefined || own !== undefined) && existsSync(path) ? path : undefined
}

/** Resolves to why it failed, or undefined. What it prints, stacks among it, is read and not shown. */
function runInstaller(patience: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [join(folder, 'install.js')], {
      stdio: ['ignore', 'ignore', 'pipe'],
      timeout: patience,
    })
    let words = ''
    child.stderr.on('data', (chunk: Buffer) => (words = (words + chunk.toString()).slice(-20_000)))
    child.once('error', (error) => resolve(error.message))
    child.once('close', (code, signal) => {
      if (code === 0) resolve(undefined)
      else if (signal !== null) resolve(`it took longer than ${Math.round(patience / 1000)} s`)
      else resolve(reasonIn(words) ?? `its installer ended with ${code}`)
    })
  })
}

/** A system error code if there is one: the rest of what the installer prints is a stack. */
function reasonIn(words: string): string | undefined {
  const code = /\b(?:E[A-Z]{4,}(?:_[A-Z]+)*)\b/.exec(words)?.[0]
  if (code !== undefined) return code
  return words.includes('fetch failed') ? 'its release host cannot be reached' : undefined
}
