import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const serve = fileURLToPath(new URL('../../electron/serve.ts', import.meta.url))

export interface Host {
  /** The address with its one-use token: good for one window. */
  address: string
  /** Of its process. */
  pid: number
  stop(): Promise<void>
}

/** Starts the browser host as its own process on a profile of its own, as `npm start -- --browser` does. */
export async function startHost(options: string[] = []): Promise<Host> {
  const profile = await mkdtemp(join(tmpdir(), 'chartroom-e2e-'))
  const child = spawn(process.execPath, [serve, '--no-open', '--profile', profile, ...options], {
    stdio: ['ignore', 'pipe', 'inherit'],
    // a developer's own docker config must not decide what a test sees
    env: { ...process.env, DOCKER_CONFIG: profile },
  })
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const address = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const found = /^Chartroom is ready at (http:\S+)$/.exec(line)
      if (found?.[1] !== undefined) resolve(found[1])
    })
    child.once('exit', (code) => reject(new Error(`the host ended with ${code} before it was ready`)))
  })
  return {
    address,
    pid: child.pid ?? 0,
    stop: async () => {
      child.kill('SIGTERM')
      await exited
      await rm(profile, { recursive: true, force: true })
    },
  }
}
