import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { failureError } from '../../shared/model/local-failure.ts'
import type { PullAttempt } from '../../shared/model/pull.ts'
import { parseReference } from '../../shared/model/reference.ts'
import { credentialIn, resolveCredential } from '../credentials/credentials.ts'
import { createMachine } from '../credentials/machine.ts'
import { readHosts } from '../pulls/hosts-toml.ts'
import { createMemoryVault } from '../vault-memory.ts'
import { type Job, type Tools, UsageError, addRegistry } from './command.ts'
import { failureOf } from './failure-of.ts'

export const diagnoseUsage = 'diagnose REFERENCE [--hosts FILE]'

/** Walks a pull as containerd would; all went well only if every host that was asked served or said "not here". */
export function readDiagnose(args: string[]): Job {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { hosts: { type: 'string' }, json: { type: 'boolean' } },
  })
  const [reference, ...surplus] = positionals
  if (reference === undefined || surplus.length > 0) throw new UsageError('One REFERENCE has to be named.')
  return async (tools) => {
    const attempts: object[] = []
    try {
      const hostsToml = await readHostsFile(values.hosts)
      const registryId = await upstreamEntry(tools, reference, hostsToml)
      const walk = await tools.client.pulls.walk(
        { reference, hostsToml, registryId },
        { signal: tools.signal },
      )
      let step = await walk.next()
      for (; step.done !== true; step = await walk.next()) attempts.push(printed(step.value))
      const { kind, host, next, message } = step.value.verdict
      tools.print({ attempts, verdict: { kind, ...(host !== undefined ? { host } : {}), next, message } })
      return kind === 'pull-works'
    } catch (error) {
      tools.print({ attempts, failure: failureOf(error) })
      return false
    }
  }
}

function printed({ host, role, step, method, status, answeredBy, outcome, failure }: PullAttempt): object {
  return {
    host,
    role,
    step,
    method,
    ...(status !== undefined ? { status } : {}),
    answeredBy,
    outcome,
    ...(failure !== undefined ? { failure } : {}),
  }
}

/**
 * The upstream as a registry of this run, so that the credential goes there and to no mirror; undefined where
 * there is none, for the verdict depends on whether somebody was logged in.
 */
async function upstreamEntry(
  tools: Tools,
  reference: string,
  hostsToml: string,
): Promise<string | undefined> {
  const { credential: draft, env } = tools
  const { registry, repository } = parseReference(reference)
  const url = readHosts(hostsToml, registry).at(-1)?.origin
  if (url === undefined) return undefined
  const machine = createMachine({ env, clock: { now: Date.now } })
  const vault = createMemoryVault()
  const credential = credentialIn(await resolveCredential({ url, repository, draft, vault, machine }))
  return credential === undefined ? undefined : addRegistry(tools, url)
}

async function readHostsFile(path: string | undefined): Promise<string> {
  if (path === undefined) return ''
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown'
    throw failureError('hosts-invalid', 'input', 'The file given with --hosts cannot be read.', {
      evidence: [{ fact: 'error-code', value: code }],
      next: ['choose-another-file'],
    })
  }
}
