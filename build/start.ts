import { spawn } from 'node:child_process'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { hasDisplay } from '../electron/loopback/open-browser.ts'
import { bundle } from './bundle.ts'
import { electronBinary } from './electron-binary.ts'
import { nodeFlags, root } from './run.ts'

const usage = 'Usage: npm start -- [--browser] [--port N] [--no-open] [--profile DIR] [--demo]'

/** A hundred megabytes on a slow line; a host that does not answer fails much sooner by itself. */
const downloadPatience = 300_000

interface Wish {
  browser: boolean
  /** Options both hosts know. */
  shared: string[]
  /** Options of the browser host alone. */
  browserOnly: string[]
}

function say(line: string): void {
  process.stderr.write(`${line}\n`)
}

function readWish(): Wish {
  const { values } = parseArgs({
    options: {
      browser: { type: 'boolean', default: false },
      port: { type: 'string' },
      'no-open': { type: 'boolean', default: false },
      profile: { type: 'string' },
      demo: { type: 'boolean', default: false },
    },
  })
  const browserOnly = [
    ...(values.port !== undefined ? ['--port', values.port] : []),
    ...(values['no-open'] ? ['--no-open'] : []),
  ]
  // npm runs scripts in the package's folder; a relative path is meant from where it was typed
  const typedIn = process.env['INIT_CWD'] ?? process.cwd()
  return {
    browser: values.browser || browserOnly.length > 0,
    shared: [
      ...(values.profile !== undefined ? ['--profile', resolve(typedIn, values.profile)] : []),
      ...(values.demo ? ['--demo'] : []),
    ],
    browserOnly,
  }
}

/** Why the desktop window cannot be opened, or the executable that opens it. */
async function desktop(): Promise<{ path: string } | { missing: string }> {
  if (!hasDisplay(process.platform, process.env)) return { missing: 'there is no display' }
  if (process.platform === 'linux' && process.getuid?.() === 0) {
    return { missing: "Electron's sandbox does not run as root" }
  }
  const binary = await slowly(
    'Fetching Electron, about a hundred megabytes, once.',
    electronBinary(downloadPatience),
  )
  return 'path' in binary ? binary : { missing: `Electron cannot be fetched (${binary.missing})` }
}

/** Says what takes long, but only once it does. */
async function slowly<T>(words: string, job: Promise<T>): Promise<T> {
  const timer = setTimeout(() => say(words), 1000)
  try {
    return await job
  } finally {
    clearTimeout(timer)
  }
}

/** What a shell answers for a program that is there and cannot be run, and the loader for a missing library. */
const cannotRun: ReadonlySet<number> = new Set([126, 127])

/** Runs a program in our place: its output, its signals. Resolves to its exit code. */
function become(program: string, words: string[]): Promise<number> {
  const { ELECTRON_RUN_AS_NODE: _, ...env } = process.env
  const child = spawn(program, words, { stdio: 'inherit', env })
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal))
  return new Promise((resolve) => {
    child.once('error', () => resolve(126))
    child.once('exit', (code) => resolve(code ?? 1))
  })
}

/** Opens the desktop window and resolves to its exit code, or to why there is none. */
async function openWindow(options: string[]): Promise<number | string> {
  const found = await desktop()
  if ('missing' in found) return found.missing
  const code = await become(found.path, [root, ...options])
  return cannotRun.has(code) ? `${found.path} cannot be run on this machine` : code
}

async function main(): Promise<void> {
  let wish: Wish
  try {
    wish = readWish()
  } catch (error) {
    say(`${(error as Error).message}\n${usage}`)
    process.exitCode = 2
    return
  }
  try {
    await slowly('Building the app, which takes some seconds.', bundle())
  } catch (error) {
    say(`The app cannot be built: ${(error as Error).message}`)
    process.exitCode = 1
    return
  }
  if (!wish.browser) {
    const result = await openWindow(wish.shared)
    if (typeof result === 'number') {
      process.exitCode = result
      return
    }
    say(`No desktop window, because ${result}: Chartroom opens in the browser instead.`)
  }
  const serve = join(root, 'electron/serve.ts')
  process.exitCode = await become(process.execPath, [
    ...nodeFlags,
    serve,
    ...wish.shared,
    ...wish.browserOnly,
  ])
}

await main()
