import { parseArgs } from 'node:util'
import { addRegistry, type Job, UsageError } from './command.ts'
import { askedFor, namedContent, namedTarget } from './named-content.ts'
import { modeOf, printTransfer } from './transfer.ts'

export const copyUsage = 'copy SOURCE TARGET [--referrers] [--mode MODE]'

/** Copies an image, index, chart or artifact; a TARGET without a tag keeps the source's. */
export function readCopy(args: string[]): Job {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      referrers: { type: 'boolean', default: false },
      mode: { type: 'string', default: 'auto' },
      json: { type: 'boolean' },
    },
  })
  const [source, target, ...surplus] = positionals
  if (source === undefined || target === undefined || surplus.length > 0) {
    throw new UsageError('A SOURCE and a TARGET have to be named.')
  }
  return (tools) =>
    printTransfer(tools, async () => {
      const { sourceCredential, signal } = tools
      const from = namedContent(source)
      const { url, ...to } = namedTarget(target)
      const toId = await addRegistry(tools, url)
      const isOne = new URL(from.url).origin === new URL(url).origin
      const fromId =
        isOne && sourceCredential.source === 'docker-config'
          ? toId
          : await addRegistry(tools, from.url, sourceCredential)
      const input = {
        from: { id: fromId, repository: from.repository, reference: askedFor(from) },
        to: { id: toId, ...to },
        referrers: values.referrers,
        mode: modeOf(values.mode),
      }
      return tools.client.registries.copy(input, { signal })
    })
}
