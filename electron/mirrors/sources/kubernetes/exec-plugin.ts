import { isAbsolute, join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { z } from 'zod'
import {
  type Evidence,
  FailureError,
  type FailureKind,
  type NextStep,
} from '../../../../shared/model/failure.ts'
import { failureError } from '../../../../shared/model/local-failure.ts'
import type { Environment } from '../../../credentials/helper.ts'
import { homeOf } from '../../../credentials/machine.ts'
import {
  findProgram,
  isProgram,
  programEnvironment,
  type ProgramLimits,
  type ProgramOutcome,
  runProgram,
} from '../../../credentials/program.ts'
import type { Connection } from '../../../oci/connection.ts'
import { checkClientPair } from '../../../oci/tls/pem.ts'
import type { Clock } from '../../../ports.ts'
import type { KubeExec } from './kubeconfig.ts'

/** A log-in through a browser that nobody comes to would be waited for without end. */
const usualLimits: ProgramLimits = { milliseconds: 15_000, bytes: 256 * 1024 }
/** A credential that ends while a request is on its way is no use. */
const earlyMilliseconds = 10_000
/** What failed is not run again for a while: some plugins open a browser window each time. */
const heldMilliseconds = 60_000

type Client = NonNullable<NonNullable<Connection['tls']>['client']>

/** What a plugin gave: a bearer token, a client certificate, or both. */
export interface ExecCredential {
  token?: string
  client?: Client
}

/** How a plugin is to be run: as the kubeconfig says, its paths beside the kubeconfig's `folder`. */
export interface ExecAsked {
  exec: KubeExec
  folder: string
  /** The cluster, in the words of ExecCredential's `spec.cluster`; shown where the kubeconfig says so. */
  cluster: Record<string, unknown>
}

/** The exec plugin of one cluster and the credential it gave. */
export interface ExecPlugin {
  /**
   * The credential that is kept, or a new one once it has expired; who asks meanwhile waits for the same run. Throws a
   * FailureError that names the command; for a minute the same one again.
   */
  credential(asked: ExecAsked): Promise<ExecCredential>
  /** The cluster did not accept what was kept. */
  forget(): void
  /** Runs it again at once although it failed just now. */
  forgive(): void
}

interface Kept {
  key: string
  result: Promise<ExecCredential>
  /** ms since 1970. */
  until: number
  failed: boolean
}

/**
 * Runs exec plugins (client.authentication.k8s.io v1 and v1beta1) without a terminal, beside everything else and within
 * limits.
 */
export function createExecPlugin(ports: {
  env: Environment
  clock: Clock
  limits?: ProgramLimits
}): ExecPlugin {
  const { clock } = ports
  let kept: Kept | undefined

  const start = (asked: ExecAsked, key: string): Kept => {
    const run: Kept = { key, result: Promise.resolve({}), until: Infinity, failed: false }
    run.result = runPlugin(asked, ports.env, ports.limits ?? usualLimits).then(
      ({ expires, ...credential }) => {
        if (expires !== undefined) run.until = expires - earlyMilliseconds
        return credential
      },
      (error: unknown) => {
        run.until = clock.now() + heldMilliseconds
        run.failed = true
        throw error
      },
    )
    return run
  }

  return {
    credential: (asked) => {
      const key = JSON.stringify(asked)
      if (kept === undefined || kept.key !== key || kept.until <= clock.now()) kept = start(asked, key)
      return kept.result
    },
    forget: () => {
      if (kept?.failed === false) kept = undefined
    },
    forgive: () => {
      if (kept?.failed === true) kept = undefined
    },
  }
}

async function runPlugin(asked: ExecAsked, env: Environment, limits: ProgramLimits) {
  const { exec } = asked
  if (exec.interactiveMode === 'Always') {
    throw failed(exec, 'input-invalid', 'it wants a terminal, and there is none')
  }
  const version = /^client\.authentication\.k8s\.io\/(?:v1|v1beta1)$/.exec(exec.apiVersion ?? '')?.[0]
  if (version === undefined) {
    throw failed(exec, 'input-invalid', 'its apiVersion is none of v1 and v1beta1', {
      evidence: [{ fact: 'actual', value: (exec.apiVersion ?? '').slice(0, 200) }],
    })
  }
  const ports = { env, home: homeOf(env), platform: process.platform }
  const program = await pathOf(asked, ports)
  if (program === undefined) {
    const hint = exec.installHint === undefined ? '' : ` ${clean(exec.installHint)}`
    throw failed(exec, 'input-invalid', `it is not installed.${hint}`)
  }
  const outcome = await runProgram({
    program,
    args: exec.args ?? [],
    env: {
      ...programEnvironment(ports),
      ...Object.fromEntries((exec.env ?? []).map(({ name, value }) => [name, value])),
      KUBERNETES_EXEC_INFO: JSON.stringify({
        kind: 'ExecCredential',
        apiVersion: version,
        spec: {
          interactive: false,
          ...(exec.provideClusterInfo === true ? { cluster: asked.cluster } : {}),
        },
      }),
    },
    limits,
    alone: true,
  })
  return credentialIn(printed(outcome, exec, limits), version, exec)
}

/** What it printed, where it came to a good end. */
function printed(outcome: ProgramOutcome, exec: KubeExec, { milliseconds }: ProgramLimits): string {
  if (!('stopped' in outcome)) {
    if (outcome.code === 0) return outcome.stdout
    const said = lastWords(outcome.stderr)
    throw failed(exec, 'unauthorized', `it ended with ${outcome.code ?? 'a signal'}${said && `: ${said}`}`, {
      evidence: said === '' ? [] : [{ fact: 'message', value: said }],
      next: ['log-in-to-cluster', 'check-kubeconfig'],
    })
  }
  if (outcome.stopped === 'too-much') throw failed(exec, 'answer-invalid', 'it says too much')
  if (outcome.stopped === 'not-started') {
    throw failed(exec, 'input-invalid', `it cannot be run (${outcome.reason})`)
  }
  const why = `it did not end within ${milliseconds / 1000} s and was stopped; it may wait for somebody to log in`
  throw failed(exec, 'timeout', why, {
    evidence: [{ fact: 'limit', value: `${milliseconds} ms` }],
    next: ['log-in-to-cluster', 'retry'],
  })
}

/** A path is beside the kubeconfig where it is relative; a name is looked up as the system does. */
async function pathOf({ exec, folder }: ExecAsked, ports: Parameters<typeof findProgram>[1]) {
  const { command } = exec
  if (!/[/\\]/.test(command)) return findProgram(command, ports)
  const path = isAbsolute(command) ? command : join(folder, command)
  return (await isProgram(path)) ? path : undefined
}

const answerSchema = z.object({
  kind: z.literal('ExecCredential'),
  apiVersion: z.string(),
  status: z.object({
    token: z.string().nullish(),
    clientCertificateData: z.string().nullish(),
    clientKeyData: z.string().nullish(),
    expirationTimestamp: z.iso.datetime({ offset: true }).nullish(),
  }),
})

function credentialIn(
  stdout: string,
  version: string,
  exec: KubeExec,
): ExecCredential & { expires?: number } {
  const answer = answerSchema.safeParse(jsonOf(stdout)).data
  if (answer === undefined) throw failed(exec, 'answer-invalid', 'what it prints is no ExecCredential')
  if (answer.apiVersion !== version) {
    throw failed(exec, 'answer-invalid', 'it answers in another apiVersion than the kubeconfig says', {
      evidence: [
        { fact: 'expected', value: version },
        { fact: 'actual', value: answer.apiVersion.slice(0, 200) },
      ],
    })
  }
  const { token, clientCertificateData: certificate, clientKeyData: key, expirationTimestamp } = answer.status
  if (!token && !certificate && !key) {
    throw failed(exec, 'answer-invalid', 'its ExecCredential holds neither a token nor a certificate')
  }
  if (!certificate !== !key) {
    throw failed(exec, 'answer-invalid', 'of a client certificate and its key it gives only one')
  }
  if (certificate && key) checkPair(certificate, key, exec)
  return {
    ...(token ? { token } : {}),
    ...(certificate && key ? { client: { certificate, key } } : {}),
    ...(expirationTimestamp ? { expires: Date.parse(expirationTimestamp) } : {}),
  }
}

function checkPair(certificate: string, key: string, exec: KubeExec): void {
  try {
    checkClientPair(certificate, key)
  } catch (error) {
    if (!(error instanceof FailureError)) throw error
    throw failed(exec, 'answer-invalid', `what it prints is no client certificate. ${error.failure.message}`)
  }
}

function failed(
  exec: KubeExec,
  kind: FailureKind,
  why: string,
  more: { evidence?: Evidence[]; next?: NextStep[] } = {},
) {
  const command = exec.command.slice(0, 200)
  const message = `The kubeconfig's command "${command}" gave no credential: ${why}.`.replace(/\.\.$/, '.')
  return failureError(kind, 'token', message, {
    evidence: [{ fact: 'credential', value: command }, ...(more.evidence ?? [])],
    retryable: kind === 'timeout' || kind === 'unauthorized',
    next: more.next ?? ['check-kubeconfig', 'log-in-to-cluster'],
  })
}

/** The end of what it said on stderr: most say there what to do. What may be a secret is left out. */
function lastWords(stderr: string): string {
  const lines = clean(stderr).split(/ *\n[\s]*/)
  return lines
    .filter((line) => line !== '')
    .slice(-3)
    .join(' ')
    .slice(-400)
}

function clean(text: string): string {
  const printable = stripVTControlCharacters(text).replaceAll(/[^\P{C}\n]/gu, '')
  return printable
    .replaceAll(/\beyJ\S+|[A-Za-z0-9+_=-]{32,}/g, '•••')
    .trim()
    .slice(-1000)
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
