import { parseArgs } from 'node:util'
import { addRegistry, type Job, UsageError } from './command.ts'
import { namedTarget } from './named-content.ts'
import { modeOf, printTransfer } from './transfer.ts'

export const importUsage = 'import FILE|FOLDER REFERENCE [--name NAME] [--referrers] [--mode MODE]'

/** Puts what is in an OCI image layout or in what `docker save` wrote into a registry; `--name` tells which of several. */
export function readImport(args: string[]): Job {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      name: { type: 'string' },
      referrers: { type: 'boolean', default: false },
      mode: { type: 'string', default: 'auto' },
      json: { type: 'boolean' },
    },
  })
  const [path, reference, ...surplus] = positionals
  if (path === undefined || reference === undefined || surplus.length > 0) {
    throw new UsageError('A FILE or FOLDER and a REFERENCE have to be named.')
  }
  return (tools) =>
    printTransfer(tools, async () => {
      const { url, ...to } = namedTarget(reference)
      const id = await addRegistry(tools, url)
      return tools.transfers.importFrom(
        {
          path,
          name: values.name,
          to: { id, ...to },
          referrers: values.referrers,
          mode: modeOf(values.mode),
        },
        tools.signal,
      )
    })
}
