import { parseArgs } from 'node:util'
import { type PathCheckResult, printBytes } from '../../shared/model/path-check.ts'
import { routeSchema, strategySchema } from '../../shared/model/upload.ts'
import { addRegistry, type Job, required, UsageError } from './command.ts'
import { failureOf } from './failure-of.ts'

export const checkPathUsage =
  'check-path --registry URL [--repository NAME] [--routes direct,relay] [--strategies NAME,…] [--sizes 1KiB,5MiB,…] [--markdown]'

const units: Readonly<Record<string, number>> = { '': 1, B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 }

/**
 * Tries which uploads reach a registry. All went well only if there is one shape and route that carried blobs of
 * every size asked for: a pipeline that uses it gets its layers through. `--markdown` adds the report for a ticket.
 */
export function readCheckPath(args: string[]): Job {
  const { values } = parseArgs({
    args,
    options: {
      registry: { type: 'string' },
      repository: { type: 'string' },
      routes: { type: 'string' },
      strategies: { type: 'string' },
      sizes: { type: 'string' },
      markdown: { type: 'boolean', default: false },
      json: { type: 'boolean' },
    },
  })
  const url = required(values.registry, '--registry')
  const matrix = {
    routes: listed(values.routes, '--routes', (word) => routeSchema.safeParse(word).data),
    strategies: listed(values.strategies, '--strategies', (word) => strategySchema.safeParse(word).data),
    bytes: listed(values.sizes, '--sizes', bytesOf),
    repository: values.repository,
  }
  return async (tools) => {
    const results: PathCheckResult[] = []
    try {
      const registryId = await addRegistry(tools, url)
      const { client, signal } = tools
      const cells = await client.publish.checkPath({ registryId, ...matrix }, { signal })
      let step = await cells.next()
      for (; step.done !== true; step = await cells.next()) {
        results.push(step.value)
        tools.note(progressOf(step.value))
      }
      const { recommended, complete, markdown } = step.value
      tools.print({
        results,
        complete,
        ...(recommended !== undefined ? { recommended } : {}),
        ...(values.markdown ? { markdown } : {}),
      })
      return complete
    } catch (error) {
      tools.print({ results, complete: false, failure: failureOf(error) })
      return false
    }
  }
}

function progressOf({ route, strategy, bytes, milliseconds, failure }: PathCheckResult): string {
  const outcome = failure === undefined ? `passed in ${Math.round(milliseconds)} ms` : failure.message
  return `${route} ${strategy} ${printBytes(bytes)}: ${outcome}`
}

/** The words of a list given with `option`; undefined where it was not given. Throws a UsageError for one that is none. */
function listed<T>(
  text: string | undefined,
  option: string,
  read: (word: string) => T | undefined,
): T[] | undefined {
  return text?.split(',').map((word) => {
    const value = read(word.trim())
    if (value === undefined) throw new UsageError(`"${word}" is nothing that ${option} takes.`)
    return value
  })
}

/** `64KiB`, `5MiB`, `1000`. */
function bytesOf(word: string): number | undefined {
  const [, digits = '', unit = ''] = /^(\d{1,12})(B|KiB|MiB|GiB)?$/.exec(word) ?? []
  const factor = units[unit]
  return digits === '' || factor === undefined ? undefined : Number(digits) * factor
}
