import { spawn } from 'node:child_process'
import { access, constants } from 'node:fs/promises'
import { delimiter, isAbsolute, join } from 'node:path'
import { z } from 'zod'
import { failureError } from '../../shared/model/local-failure.ts'

/** The environment the app was started in. */
export type Environment = Readonly<Record<string, string | undefined>>

/** What a helper may take: milliseconds of time, and bytes of what it says. */
export interface HelperLimits {
  milliseconds: number
  bytes: number
}

export const helperLimits: HelperLimits = { milliseconds: 20_000, bytes: 64 * 1024 }

/** Where helpers are looked for and how they are run. */
export interface HelperPorts {
  env: Environment
  home: string
  platform: NodeJS.Platform
  limits: HelperLimits
}

/** What a helper knows: a log-in, or an identity token. */
export type HelperAnswer = { username: string; password: string } | { identityToken: string }

const answerSchema = z.object({ Username: z.string(), Secret: z.string().min(1) })

/**
 * Runs `docker-credential-<suffix> get` with `key` on its input (docker-credential-helpers, "Development").
 * A user name of `<token>` means that the secret is an identity token. Undefined where the helper knows nothing
 * of `key`; a FailureError where it cannot be run, takes too long or says too much.
 */
export async function askHelper(
  suffix: string,
  key: string,
  ports: HelperPorts,
): Promise<HelperAnswer | undefined> {
  const name = `docker-credential-${suffix}`
  // a name is looked for in known directories; a path would run whatever a file names
  if (!/^[A-Za-z0-9_.-]{1,100}$/.test(suffix))
    throw failed('that is named', 'what it is called is no program name')
  const program = await findProgram(name, ports)
  if (program === undefined) throw failed(name, 'it is not installed')
  const { code, output } = await run(program, name, key, ports)
  if (code !== 0) {
    if (/credentials not found/i.test(output)) return undefined
    throw failed(name, `it ended with ${code ?? 'a signal'}`)
  }
  const answer = answerSchema.safeParse(jsonOf(output)).data
  if (answer === undefined) throw failed(name, 'what it said is not the JSON it should be')
  if (answer.Username === '<token>') return { identityToken: answer.Secret }
  if (answer.Username === '') return undefined
  return { username: answer.Username, password: answer.Secret }
}

/**
 * The directories of PATH, then those helpers are installed in: an app started from a desktop does not see the
 * shell's PATH. Relative ones are left out: what lies where the app happens to run is not to be trusted.
 */
function directoriesOf({ env, home, platform }: HelperPorts): string[] {
  const path = (env['PATH'] ?? env['Path'] ?? '').split(delimiter)
  const own = home === '' ? [] : ['.local/bin', '.docker/bin', '.rd/bin'].map((part) => join(home, part))
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
  return [...path, ...own, ...usual].filter((directory) => isAbsolute(directory))
}

async function findProgram(name: string, ports: HelperPorts): Promise<string | undefined> {
  const file = ports.platform === 'win32' && !name.endsWith('.exe') ? `${name}.exe` : name
  for (const directory of directoriesOf(ports)) {
    const path = join(directory, file)
    try {
      await access(path, constants.X_OK)
      return path
    } catch {
      // not here, so in the next
    }
  }
  return undefined
}

function run(
  program: string,
  name: string,
  key: string,
  ports: HelperPorts,
): Promise<{ code: number | null; output: string }> {
  const { env, limits } = ports
  // Windows spells it Path, and two spellings would hide one another
  const pathName = Object.keys(env).find((variable) => variable.toUpperCase() === 'PATH') ?? 'PATH'
  return new Promise((resolve, reject) => {
    const child = spawn(program, ['get'], {
      // helpers start programs of their own: pass, gcloud, aws
      env: { ...env, [pathName]: directoriesOf(ports).join(delimiter) },
      stdio: ['pipe', 'pipe', 'ignore'],
      windowsHide: true,
    })
    const giveUp = (why: string) => {
      child.kill('SIGKILL')
      // what the helper started may outlive it and write on
      child.stdout.destroy()
      reject(failed(name, why))
    }
    const timer = setTimeout(() => giveUp('it took too long'), limits.milliseconds)
    let output = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text
      if (output.length > limits.bytes) giveUp('it said too much')
    })
    child.once('error', (error: NodeJS.ErrnoException) => {
      clearTimeout(timer)
      reject(failed(name, `it does not run (${error.code ?? ''})`))
    })
    child.once('close', (code) => {
      clearTimeout(timer)
      resolve({ code, output })
    })
    // a helper that ends without reading its input closes the pipe: its exit code says what is to be said
    child.stdin.on('error', () => undefined)
    child.stdin.end(key)
  })
}

function failed(name: string, why: string) {
  return failureError('input-invalid', 'input', `The credential helper ${name} gave no credential: ${why}.`, {
    next: ['log-in'],
  })
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
