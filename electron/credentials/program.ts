import { type ChildProcess, spawn } from 'node:child_process'
import { access, constants } from 'node:fs/promises'
import { delimiter, isAbsolute, join } from 'node:path'

/** Where programs that know credentials are looked for. */
export interface ProgramPorts {
  env: Readonly<Record<string, string | undefined>>
  home: string
  platform: NodeJS.Platform
}

/** What a program may take: milliseconds of time, and bytes of what it says. */
export interface ProgramLimits {
  milliseconds: number
  bytes: number
}

/** One run of a program at a path. */
export interface ProgramRun {
  program: string
  args: readonly string[]
  env: Readonly<Record<string, string | undefined>>
  /** What it reads; left out it reads nothing. */
  input?: string
  limits: ProgramLimits
  /** It is no part of a conversation at a terminal: what it starts is ended with it. */
  alone?: boolean
}

export type ProgramOutcome =
  | { code: number | null; stdout: string; stderr: string }
  | { stopped: 'too-long' }
  | { stopped: 'too-much' }
  | { stopped: 'not-started'; reason: string }

/**
 * The folders of PATH, then those such programs are installed in: an app started from a desktop does not see the
 * shell's PATH. Relative ones are left out: what lies where the app happens to run is not to be trusted.
 */
function programFolders({ env, home, platform }: ProgramPorts): string[] {
  const path = (env['PATH'] ?? env['Path'] ?? '').split(delimiter)
  const own =
    home === ''
      ? []
      : ['.local/bin', '.docker/bin', '.rd/bin', 'google-cloud-sdk/bin'].map((part) => join(home, part))
  const usual =
    platform === 'win32'
      ? [join(env['ProgramFiles'] ?? 'C:\\Program Files', 'Docker', 'Docker', 'resources', 'bin')]
      : [
          '/usr/local/bin',
          '/opt/homebrew/bin',
          '/Applications/Docker.app/Contents/Resources/bin',
          '/home/linuxbrew/.linuxbrew/bin',
          '/snap/bin',
        ]
  return [...path, ...own, ...usual].filter((folder) => isAbsolute(folder))
}

/** The environment with those folders as its PATH: such programs start programs of their own, as pass, gcloud, aws. */
export function programEnvironment(ports: ProgramPorts): Record<string, string | undefined> {
  const { env } = ports
  // Windows spells it Path, and two spellings would hide one another
  const pathName = Object.keys(env).find((variable) => variable.toUpperCase() === 'PATH') ?? 'PATH'
  return { ...env, [pathName]: programFolders(ports).join(delimiter) }
}

/** The path of the first program of that name; undefined where there is none. */
export async function findProgram(name: string, ports: ProgramPorts): Promise<string | undefined> {
  const file = ports.platform === 'win32' && !name.endsWith('.exe') ? `${name}.exe` : name
  for (const folder of programFolders(ports)) {
    const path = join(folder, file)
    if (await isProgram(path)) return path
  }
  return undefined
}

export function isProgram(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  )
}

/** Runs a program to its end, or until it goes beyond its limits. Never throws. */
export async function runProgram(run: ProgramRun): Promise<ProgramOutcome> {
  try {
    return await outcomeOf(start(run), run)
  } catch (error) {
    // an argument no program can be given, one with a NUL in it
    return { stopped: 'not-started', reason: (error as NodeJS.ErrnoException).code ?? 'unknown' }
  }
}

function start({ program, args, env, input, alone = false }: ProgramRun): ChildProcess {
  return spawn(program, args, {
    env,
    stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    windowsHide: true,
    detached: alone,
  })
}

function outcomeOf(
  child: ChildProcess,
  { input, limits, alone = false }: ProgramRun,
): Promise<ProgramOutcome> {
  const { promise, resolve } = Promise.withResolvers<ProgramOutcome>()
  const settle = (outcome: ProgramOutcome) => {
    clearTimeout(timer)
    resolve(outcome)
  }
  const stop = (stopped: 'too-long' | 'too-much') => {
    end(child, alone)
    // what it started may outlive it and write on
    child.stdout?.destroy()
    child.stderr?.destroy()
    settle({ stopped })
  }
  const timer = setTimeout(() => stop('too-long'), limits.milliseconds)
  let stdout = ''
  let stderr = ''
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
    if (stdout.length > limits.bytes) stop('too-much')
  })
  // the last words tell most
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-limits.bytes)
  })
  child.once('error', (error: NodeJS.ErrnoException) =>
    settle({ stopped: 'not-started', reason: error.code ?? error.name }),
  )
  child.once('close', (code) => settle({ code, stdout, stderr }))
  // a program that ends without reading its input closes the pipe: its exit code says what is to be said
  child.stdin?.on('error', () => undefined)
  child.stdin?.end(input)
  return promise
}

function end(child: ChildProcess, group: boolean): void {
  if (!group || child.pid === undefined || process.platform === 'win32') {
    child.kill('SIGKILL')
    return
  }
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch {
    // it ended by itself meanwhile
  }
}
