import { access } from 'node:fs/promises'
import { homedir } from 'node:os'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { createApp } from './app.ts'
import { createLog } from './log.ts'
import { openInBrowser } from './loopback/open-browser.ts'
import { startLoopbackHost } from './loopback/server.ts'
import { defaultProfile } from './profile.ts'
import { createMemoryVault } from './vault-memory.ts'

const usage = 'Usage: serve [--port N] [--no-open] [--profile DIR] [--demo]'
const pageRoot = fileURLToPath(new URL('../dist/app/renderer', import.meta.url))

/** Milliseconds that closing may take before the process is ended as it is. */
const closingPatience = 5000

/** Ends the process with one line on stderr: whoever types the command has no use for a stack. */
function refuse(line: string): never {
  process.stderr.write(`${line}\n`)
  process.exit(2)
}

function readOptions(): { port: number; open: boolean; profile: string; demo: boolean } {
  try {
    const { values } = parseArgs({
      options: {
        port: { type: 'string', default: '0' },
        'no-open': { type: 'boolean', default: false },
        profile: { type: 'string' },
        demo: { type: 'boolean', default: false },
      },
    })
    const port = Number(values.port)
    if (!Number.isInteger(port) || port < 0 || port > 65_535)
      throw new Error(`--port ${values.port} is no port`)
    return {
      port,
      open: !values['no-open'],
      profile: resolve(values.profile ?? defaultProfile(process.platform, homedir(), process.env)),
      demo: values.demo,
    }
  } catch (error) {
    return refuse(`${error instanceof Error ? error.message : String(error)}\n${usage}`)
  }
}

const options = readOptions()
await access(resolve(pageRoot, 'index.html')).catch(() =>
  refuse('The screens are not built yet: run "npm run build", or "npm start", which does it.'),
)

const log = createLog()
const app = await createApp({
  directory: options.profile,
  clock: Date,
  vault: createMemoryVault(),
  env: process.env,
  log,
  host: {
    opensFiles: false,
    openExternal: (url) => openInBrowser(url, process.platform, process.env),
  },
})
const host = await startLoopbackHost({ app, root: pageRoot, port: options.port }).catch((error: unknown) =>
  refuse(
    (error as NodeJS.ErrnoException).code === 'EADDRINUSE'
      ? `Port ${options.port} is in use. Choose another with --port, or leave it out for a free one.`
      : `Chartroom cannot listen on 127.0.0.1: ${(error as Error).message}`,
  ),
)
if (options.demo) await app.startDemo()

let closing = false
const close = (): void => {
  // a terminal and npm both hand a Ctrl+C on
  if (closing) return
  closing = true
  setTimeout(() => process.exit(1), closingPatience).unref()
  host
    .close()
    .then(() => app.close())
    .catch((error: unknown) => {
      log.error({ err: error }, 'closing failed')
      process.exitCode = 1
    })
}
process.on('SIGINT', close)
process.on('SIGTERM', close)

process.stdout.write(`Chartroom is ready at ${host.address}\n`)
if (options.open) await openInBrowser(host.address, process.platform, process.env)
