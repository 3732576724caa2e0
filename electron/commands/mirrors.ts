import { parseArgs } from 'node:util'
import { type Job, UsageError, required } from './command.ts'
import { failureOf } from './failure-of.ts'

export const mirrorsUsage = 'mirrors --agents ADDRESS[,ADDRESS…]'

/** Scrapes the agents once; counts are HTTP requests since the start of each agent. */
export function readMirrors(args: string[]): Job {
  const { values } = parseArgs({
    args,
    options: { agents: { type: 'string' }, json: { type: 'boolean' } },
  })
  const named = required(values.agents, '--agents')
    .split(',')
    .map((agent) => agent.trim())
    .filter((agent) => agent !== '')
  if (named.length === 0) throw new UsageError('--agents names no agent.')
  return async (tools) => {
    try {
      const round = await tools.client.mirrors.scrape({ agents: named }, { signal: tools.signal })
      tools.print({
        agents: round.agents.map(({ agent, ok, sinceStart, failure }) => ({
          agent,
          ok,
          registries: sinceStart,
          ...(failure !== undefined ? { failure } : {}),
        })),
      })
      return round.agents.every((agent) => agent.ok)
    } catch (error) {
      tools.print({ agents: [], failure: failureOf(error) })
      return false
    }
  }
}
