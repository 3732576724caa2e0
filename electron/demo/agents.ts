import { createServer } from 'node:http'
import { gzipSync } from 'node:zlib'
import type { Clock } from '../ports.ts'
import { agentProfiles, type AgentProfile } from './agent-profiles.ts'
import { countersAt } from './agent-counters.ts'
import { agentMetrics } from './agent-metrics.ts'
import { listen } from './listen.ts'

export interface DemoAgents {
  /** `127.0.0.1:port` of each metrics endpoint. */
  addresses: string[]
  stop(): Promise<void>
}

/** Starts the simulated agents; their counters move with the clock from now on. */
export async function startAgents(clock: Clock): Promise<DemoAgents> {
  const begin = clock.now()
  const started: Awaited<ReturnType<typeof listen>>[] = []
  const stop = async (): Promise<void> => {
    await Promise.all(started.map((agent) => agent.stop()))
  }
  try {
    for (const profile of agentProfiles) started.push(await startAgent(profile, begin, clock))
  } catch (error) {
    await stop()
    throw error
  }
  return { addresses: started.map(({ port }) => `127.0.0.1:${port}`), stop }
}

/** Answers as an agent's metrics listener does: /metrics in plain text (gzip where asked for), 404 for the rest. */
function startAgent(profile: AgentProfile, begin: number, clock: Clock) {
  const server = createServer((request, response) => {
    const [path] = (request.url ?? '').split('?', 1)
    if (path !== '/metrics' || (request.method !== 'GET' && request.method !== 'HEAD')) {
      response.writeHead(404, { 'Content-Type': 'text/plain; charset=utf-8' }).end('404 page not found\n')
      return
    }
    const text = Buffer.from(agentMetrics(profile, countersAt(profile, begin, clock.now())))
    const zipped = /\bgzip\b/.test(request.headers['accept-encoding'] ?? '')
    const body = zipped ? gzipSync(text) : text
    response.writeHead(200, {
      'Content-Type': 'text/plain; version=0.0.4; charset=utf-8; escaping=underscores',
      'Content-Length': body.byteLength,
      ...(zipped ? { 'Content-Encoding': 'gzip' } : {}),
    })
    response.end(request.method === 'HEAD' ? undefined : body)
  })
  return listen(server, 0)
}
