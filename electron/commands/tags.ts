import { parseArgs } from 'node:util'
import { type Job, addRegistry, required } from './command.ts'
import { failureOf } from './failure-of.ts'

export const tagsUsage = 'tags --registry URL --repository NAME'

/** Lists all tags of a repository as one object; what arrived before a failure is in it. */
export function readTags(args: string[]): Job {
  const { values } = parseArgs({
    args,
    options: {
      registry: { type: 'string' },
      repository: { type: 'string' },
      json: { type: 'boolean' },
    },
  })
  const url = required(values.registry, '--registry')
  const repository = required(values.repository, '--repository')
  return async (tools) => {
    const tags: string[] = []
    try {
      const id = await addRegistry(tools, url)
      const pages = await tools.client.registries.tags({ id, repository }, { signal: tools.signal })
      let step = await pages.next()
      for (; step.done !== true; step = await pages.next()) tags.push(...step.value.names)
      tools.print({ repository, tags, complete: step.value.complete })
      return step.value.complete
    } catch (error) {
      tools.print({ repository, tags, complete: false, failure: failureOf(error) })
      return false
    }
  }
}
