import { parseArgs } from 'node:util'
import { addRegistry, type Job, required, UsageError } from './command.ts'
import { askedFor, namedContent } from './named-content.ts'
import { printTransfer } from './transfer.ts'

export const exportUsage = 'export REFERENCE --to FILE.tar|FOLDER [--referrers]'

/** Writes an image, index, chart or artifact as an OCI image layout; one that is in the folder is added to. */
export function readExport(args: string[]): Job {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      to: { type: 'string' },
      referrers: { type: 'boolean', default: false },
      json: { type: 'boolean' },
    },
  })
  const [reference, ...surplus] = positionals
  if (reference === undefined || surplus.length > 0) throw new UsageError('One REFERENCE has to be named.')
  const path = required(values.to, '--to')
  return (tools) =>
    printTransfer(tools, async () => {
      const from = namedContent(reference)
      const id = await addRegistry(tools, from.url)
      return tools.transfers.exportTo(
        {
          from: { id, repository: from.repository, reference: askedFor(from) },
          path,
          referrers: values.referrers,
        },
        tools.signal,
      )
    })
}
