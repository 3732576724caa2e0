import { parseArgs } from 'node:util'
import type { PreflightCheck, PreflightReport } from '../../shared/model/preflight.ts'
import { type PublishResult, type UploadMode, uploadModeSchema } from '../../shared/model/upload.ts'
import { type Job, type Tools, UsageError, addRegistry, required } from './command.ts'
import { failureOf } from './failure-of.ts'

const modes = uploadModeSchema.options.join('|')
export const publishUsage = `publish --registry URL [--path PATH] [--mode ${modes}] [--overwrite] [--dry-run] FILE|FOLDER…`

interface Options {
  path: string
  mode: string
  overwrite: boolean
}

/** A file that was taken in, and the registry it is for. */
interface Taken {
  registryId: string
  ticket: string
}

/**
 * Publishes one chart after the other, files and folders, one object each; a file that fails does not stop the next. A tag with other
 * content is a failure unless `--overwrite` says that it may go. `--dry-run` sends nothing: one object a check, then
 * one a file, which is `ok` where publishing it by this very command line would be.
 */
export function readPublish(args: string[]): Job {
  const { values, positionals: files } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      registry: { type: 'string' },
      path: { type: 'string', default: '' },
      mode: { type: 'string', default: 'auto' },
      overwrite: { type: 'boolean', default: false },
      'dry-run': { type: 'boolean', default: false },
      json: { type: 'boolean' },
    },
  })
  const url = required(values.registry, '--registry')
  if (files.length === 0) throw new UsageError('No FILE is named.')
  const run = values['dry-run'] ? tryOut : publish
  return async (tools) => {
    const registry = addRegistry(tools, url)
    // awaited for each file below, which says why it failed
    registry.catch(() => undefined)
    let allWell = true
    // `cart-*` names a chart and its provenance, which comes with it
    const charts = files.filter((file) => !files.some((other) => file === `${other}.prov`))
    for (const file of charts) {
      try {
        const registryId = await registry
        const ticket = await tools.intake.acceptPath(file)
        allWell = (await run(tools, file, { registryId, ticket }, values)) && allWell
      } catch (error) {
        allWell = false
        tools.print({ file, ok: false, failure: failureOf(error) })
        if (tools.signal.aborted) break
      }
    }
    return allWell
  }
}

async function publish(tools: Tools, file: string, taken: Taken, options: Options): Promise<boolean> {
  await tools.client.publish.inspect({ ticket: taken.ticket }, { signal: tools.signal })
  const overwrite = options.overwrite ? (await preflight(tools, taken, options)).overwrites : undefined
  const { reference, digest, mode, strategy } = await send(tools, taken, options, overwrite)
  tools.print({ file, reference, digest, mode, strategy, ok: true })
  return true
}

/** What the preflight found, each check as it ended. */
async function tryOut(tools: Tools, file: string, taken: Taken, options: Options): Promise<boolean> {
  const { ready, overwrites } = await preflight(tools, taken, options, (check) =>
    tools.print({ file, ...check }),
  )
  const ok = ready && (overwrites === undefined || options.overwrite)
  tools.print({ file, ok, ready, ...(overwrites !== undefined ? { overwrites } : {}) })
  return ok
}

async function preflight(
  { client, signal }: Tools,
  taken: Taken,
  { path }: Options,
  hear: (check: PreflightCheck) => void = () => undefined,
): Promise<PreflightReport> {
  const checks = await client.publish.preflight({ ...taken, path }, { signal })
  let step = await checks.next()
  for (; step.done !== true; step = await checks.next()) hear(step.value)
  return step.value
}

async function send(
  { client, signal }: Tools,
  taken: Taken,
  { path, mode }: Options,
  overwrite: string | undefined,
): Promise<PublishResult> {
  // the router refuses a mode that is none, as it does for the window
  const input = { ...taken, path, mode: mode as UploadMode, overwrite }
  const events = await client.publish.start(input, { signal })
  let step = await events.next()
  while (step.done !== true) step = await events.next()
  return step.value
}
