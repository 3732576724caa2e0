import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const cli = fileURLToPath(new URL('../../electron/cli.ts', import.meta.url))

export interface CliResult {
  code: number | null
  /** What stdout holds, one parsed line each; parsing fails the test where a line is no JSON. */
  answers: Record<string, unknown>[]
  stderr: string
}

/** A machine for the command line: a home and a folder for temporary files, both empty. */
export interface Machine {
  directory: string
  /** What runs have left behind in home and temporary folder. */
  leftovers(): Promise<string[]>
  run(args: string[], env?: Record<string, string>): Promise<CliResult>
  /** Starts a run and sends it `signal` once `ready` resolves. */
  interrupt(args: string[], signal: NodeJS.Signals, ready: Promise<unknown>): Promise<CliResult>
  close(): Promise<void>
}

export async function createMachine(): Promise<Machine> {
  const directory = await mkdtemp(join(tmpdir(), 'chartroom-cli-'))
  const [home, temporary] = [join(directory, 'home'), join(directory, 'tmp')]
  await mkdir(home)
  await mkdir(temporary)
  const own = {
    PATH: process.env['PATH'] ?? '',
    NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] ?? '',
    HOME: home,
    USERPROFILE: home,
    APPDATA: home,
    TMPDIR: temporary,
    TEMP: temporary,
    TMP: temporary,
  }
  const run = async (
    args: string[],
    env: Record<string, string>,
    stop?: { signal: NodeJS.Signals; ready: Promise<unknown> },
  ): Promise<CliResult> => {
    const child = spawn(process.execPath, [cli, ...args], {
      cwd: directory,
      env: { ...own, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let [stdout, stderr] = ['', '']
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
    void stop?.ready.then(() => child.kill(stop.signal))
    const [code] = (await once(child, 'close')) as [number | null]
    const lines = stdout.split('\n').filter((line) => line !== '')
    return { code, answers: lines.map((line) => JSON.parse(line) as Record<string, unknown>), stderr }
  }
  return {
    directory,
    leftovers: async () => [...(await readdir(home)), ...(await readdir(temporary))],
    run: (args, env = {}) => run(args, env),
    interrupt: (args, signal, ready) => run(args, {}, { signal, ready }),
    close: () => rm(directory, { recursive: true, force: true }),
  }
}
