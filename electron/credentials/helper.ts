import { spawn } from 'node:child_process'
import { delimiter } from 'node:path'
import { z } from 'zod'
import { failureError } from '../../shared/model/local-failure.ts'
import type { ResolvedCredential } from '../oci/credential.ts'

/** The environment the app was started in. */
export type Environment = Readonly<Record<string, string | undefined>>

const helperMilliseconds = 20_000
const helperBytes = 64 * 1024
/** An app started from a desktop does not see the shell's PATH; these are where helpers are installed. */
const usualDirectories = [
  '/usr/local/bin',
  '/opt/homebrew/bin',
  '/Applications/Docker.app/Contents/Resources/bin',
]

const answerSchema = z.object({ Username: z.string(), Secret: z.string().min(1) })

/**
 * Runs `docker-credential-<suffix> get` with `key` on its input (docker-credential-helpers, "Development").
 * A user name of `<token>` means that the secret is an identity token. Undefined where the helper knows nothing
 * of `key`; a FailureError where it cannot be run, takes more than 20 s or says more than 64 KiB.
 */
export async function askHelper(
  suffix: string,
  key: string,
  env: Environment,
): Promise<ResolvedCredential | undefined> {
  if (!/^[A-Za-z0-9_.-]{1,100}$/.test(suffix))
    throw failed('in the docker configuration', 'its name is no program name')
  const name = `docker-credential-${suffix}`
  const { code, output } = await run(name, key, env)
  if (code !== 0) {
    if (/credentials not found/i.test(output)) return undefined
    throw failed(name, `it ended with ${code ?? 'a signal'}`)
  }
  const answer = answerSchema.safeParse(jsonOf(output)).data
  if (answer === undefined) throw failed(name, 'what it said is not the JSON it should be')
  if (answer.Username === '<token>') return { source: 'docker-config', identityToken: answer.Secret }
  if (answer.Username === '') return undefined
  return { source: 'docker-config', username: answer.Username, password: answer.Secret }
}

function run(name: string, key: string, env: Environment): Promise<{ code: number | null; output: string }> {
  // Windows spells it Path, and two spellings would hide one another
  const pathName = Object.keys(env).find((key) => key.toUpperCase() === 'PATH') ?? 'PATH'
  const path = [env[pathName] ?? '', ...usualDirectories].filter((part) => part !== '').join(delimiter)
  return new Promise((resolve, reject) => {
    const child = spawn(name, ['get'], {
      env: { ...env, [pathName]: path },
      stdio: ['pipe', 'pipe', 'ignore'],
      windowsHide: true,
    })
    const giveUp = (why: string) => {
      child.kill('SIGKILL')
      // what the helper started may outlive it and write on
      child.stdout.destroy()
      reject(failed(name, why))
    }
    const timer = setTimeout(() => giveUp('it took too long'), helperMilliseconds)
    let output = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text
      if (output.length > helperBytes) giveUp('it said too much')
    })
    child.once('error', (error: NodeJS.ErrnoException) => {
      clearTimeout(timer)
      reject(
        failed(
          name,
          error.code === 'ENOENT' ? 'it is not installed' : `it does not run (${error.code ?? ''})`,
        ),
      )
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
