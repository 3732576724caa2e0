import { z } from 'zod'
import { failureError } from '../../shared/model/local-failure.ts'
import {
  findProgram,
  programEnvironment,
  type ProgramLimits,
  type ProgramPorts,
  runProgram,
} from './program.ts'

/** The environment the app was started in. */
export type Environment = Readonly<Record<string, string | undefined>>

/** What one run of a helper may take. */
export const helperLimits: ProgramLimits = { milliseconds: 20_000, bytes: 64 * 1024 }

/** Where helpers are looked for and how they are run. */
export interface HelperPorts extends ProgramPorts {
  limits: ProgramLimits
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

async function run(
  program: string,
  name: string,
  key: string,
  ports: HelperPorts,
): Promise<{ code: number | null; output: string }> {
  const env = programEnvironment(ports)
  const outcome = await runProgram({ program, args: ['get'], env, input: key, limits: ports.limits })
  if (!('stopped' in outcome)) return { code: outcome.code, output: outcome.stdout }
  if (outcome.stopped === 'too-long') throw failed(name, 'it took too long')
  if (outcome.stopped === 'too-much') throw failed(name, 'it said too much')
  throw failed(name, `it does not run (${outcome.reason})`)
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
