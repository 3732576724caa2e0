import { rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRouterClient } from '@orpc/server'
import type { CredentialDraft } from '../shared/model/registry.ts'
import { checkPathUsage, readCheckPath } from './commands/check-path.ts'
import { type Job, type Tools, UsageError } from './commands/command.ts'
import { copyUsage, readCopy } from './commands/copy.ts'
import { diagnoseUsage, readDiagnose } from './commands/diagnose.ts'
import { exportUsage, readExport } from './commands/export.ts'
import { importUsage, readImport } from './commands/import.ts'
import { mirrorsUsage, readMirrors } from './commands/mirrors.ts'
import { publishUsage, readPublish } from './commands/publish.ts'
import { readTags, tagsUsage } from './commands/tags.ts'
import { createLog } from './log.ts'
import { createMemoryVault } from './vault-memory.ts'

const commands: ReadonlyMap<string, { read: (args: string[]) => Job; usage: string }> = new Map([
  ['tags', { read: readTags, usage: tagsUsage }],
  ['publish', { read: readPublish, usage: publishUsage }],
  ['copy', { read: readCopy, usage: copyUsage }],
  ['export', { read: readExport, usage: exportUsage }],
  ['import', { read: readImport, usage: importUsage }],
  ['mirrors', { read: readMirrors, usage: mirrorsUsage }],
  ['diagnose', { read: readDiagnose, usage: diagnoseUsage }],
  ['check-path', { read: readCheckPath, usage: checkPathUsage }],
])

const help = `Usage: npm run --silent cli -- COMMAND …
${[...commands.values()].map(({ usage }) => `  ${usage}`).join('\n')}
Answers are JSON on stdout, logs are on stderr. Exit: 0 all went well, 1 something failed (the answer says
what), 2 the command line does not hold. CHARTROOM_USERNAME and CHARTROOM_PASSWORD say who asks; without them
the log-ins of docker, podman and helm do. Where a copy's source is another registry than its target, it is told by
CHARTROOM_SOURCE_USERNAME and CHARTROOM_SOURCE_PASSWORD instead. Agents and a Prometheus are told them too, or
CHARTROOM_TOKEN. A reference may begin with http:// or https://.
`

/** Reads the command line; throws a UsageError, or parseArgs' own error, where it does not hold. */
function readJob([name, ...args]: string[]): Job {
  if (name === undefined) throw new UsageError('No command is named.')
  const command = commands.get(name)
  if (command === undefined) throw new UsageError(`There is no command "${name}".`)
  return command.read(args)
}

function readCredential(env: NodeJS.ProcessEnv, prefix: string): CredentialDraft {
  const username = env[`${prefix}_USERNAME`] ?? ''
  const password = env[`${prefix}_PASSWORD`] ?? ''
  if (username === '' && password === '') return { source: 'docker-config' }
  if (username === '' || password === '') {
    throw new UsageError(`${prefix}_USERNAME and ${prefix}_PASSWORD go together: one of them is empty.`)
  }
  return { source: 'password', username, password }
}

/** Runs a job on an app of its own, whose profile is a temporary folder: a script leaves the user's alone. */
async function run(
  job: Job,
  credentials: Pick<Tools, 'credential' | 'sourceCredential'>,
  signal: AbortSignal,
): Promise<boolean> {
  const directory = await mkdtemp(join(tmpdir(), 'chartroom-'))
  // on exit, so that it goes after a crash too
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }))
  // only now: a command line that does not hold, or asks for help, has no need of the app
  const { createApp } = await import('./app.ts')
  const app = await createApp({
    directory,
    clock: Date,
    vault: createMemoryVault(),
    env: process.env,
    log: createLog(),
    host: { opensFiles: false, openExternal: async () => false },
  })
  try {
    return await job({
      client: createRouterClient(app.router),
      intake: app.intake,
      transfers: app.transfers,
      ...credentials,
      env: process.env,
      signal,
      print: (value) => void process.stdout.write(`${JSON.stringify(value)}\n`),
      note: (text) => void process.stderr.write(`${text}\n`),
    })
  } finally {
    await app.close()
  }
}

async function main(args: string[]): Promise<number> {
  if (args.includes('--help') || args.includes('-h')) {
    process.stderr.write(help)
    return 0
  }
  let job: Job
  let credentials: Pick<Tools, 'credential' | 'sourceCredential'>
  try {
    job = readJob(args)
    credentials = {
      credential: readCredential(process.env, 'CHARTROOM'),
      sourceCredential: readCredential(process.env, 'CHARTROOM_SOURCE'),
    }
  } catch (error) {
    if (!isUsageError(error)) throw error
    process.stderr.write(`${error.message}\n\n${help}`)
    return 2
  }
  const stopped = new AbortController()
  process.once('SIGINT', () => stopped.abort())
  process.once('SIGTERM', () => stopped.abort())
  // whoever reads us may stop reading: that ends the job, without a stack
  process.stdout.on('error', () => stopped.abort())
  return (await run(job, credentials, stopped.signal)) ? 0 : 1
}

function isUsageError(error: unknown): error is Error {
  if (error instanceof UsageError) return true
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined
  return code?.startsWith('ERR_PARSE_ARGS') === true
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  createLog().error({ err: error }, 'the command failed unexplained')
  process.exitCode = 1
}
