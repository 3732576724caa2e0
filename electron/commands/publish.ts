import { parseArgs } from 'node:util'
import { type PublishResult, type UploadMode, uploadModeSchema } from '../../shared/model/upload.ts'
import { type Job, type Tools, UsageError, addRegistry, required } from './command.ts'
import { failureOf } from './failure-of.ts'

const modes = uploadModeSchema.options.join('|')
export const publishUsage = `publish --registry URL [--path PATH] [--mode ${modes}] FILE…`

/** Publishes one chart after the other, one object each; a file that fails does not stop the next. */
export function readPublish(args: string[]): Job {
  const { values, positionals: files } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      registry: { type: 'string' },
      path: { type: 'string', default: '' },
      mode: { type: 'string', default: 'auto' },
      json: { type: 'boolean' },
    },
  })
  const url = required(values.registry, '--registry')
  if (files.length === 0) throw new UsageError('No FILE is named.')
  return async (tools) => {
    const registry = addRegistry(tools, url)
    // awaited for each file below, which says why it failed
    registry.catch(() => undefined)
    let allWell = true
    for (const file of files) {
      try {
        const { reference, digest, mode, strategy } = await publish(tools, await registry, file, values)
        tools.print({ file, reference, digest, mode, strategy, ok: true })
      } catch (error) {
        allWell = false
        tools.print({ file, ok: false, failure: failureOf(error) })
        if (tools.signal.aborted) break
      }
    }
    return allWell
  }
}

async function publish(
  tools: Tools,
  registryId: string,
  file: string,
  { path, mode }: { path: string; mode: string },
): Promise<PublishResult> {
  const ticket = await tools.intake.acceptPath(file)
  await tools.client.publish.inspect({ ticket }, { signal: tools.signal })
  // the router refuses a mode that is none, as it does for the window
  const input = { ticket, registryId, path, mode: mode as UploadMode }
  const events = await tools.client.publish.start(input, { signal: tools.signal })
  let step = await events.next()
  while (step.done !== true) step = await events.next()
  return step.value
}
