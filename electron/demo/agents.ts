import { createServer, type ServerResponse } from 'node:http'
import { gzipSync } from 'node:zlib'
import type { Clock } from '../ports.ts'
import { countersAt } from './agent-counters.ts'
import { agentMetrics, ownMetrics } from './agent-metrics.ts'
import { type AgentProfile, agentProfiles } from './agent-profiles.ts'
import { listen } from './listen.ts'
import { answerAsMirror } from './node-mirror.ts'
import type { Store } from './store.ts'

/** A simulated agent, and what a cluster would know of its node. */
export interface RunningAgent {
  /** `127.0.0.1:port` of its metrics. */
  address: string
  name: string
  zone: string
  pool: string
  runtime: string
  images: number
  image: string
  /** Base URL of its mirror. */
  mirrorUrl: string
  /** Its metrics as they were at a moment of the past, ms since 1970; undefined before its first start. */
  metricsAt(at: number): string | undefined
}

export interface DemoAgents {
  agents: RunningAgent[]
  stop(): Promise<void>
}

/** Nobody listens here: the ports below those a system gives out are the system's own. */
const silent = '127.0.0.1:1'

/** Starts the simulated agents; their counters move with the clock from now on, their mirrors hold parts of `store`. */
export async function startAgents(clock: Clock, store: Store): Promise<DemoAgents> {
  const begin = clock.now()
  const stops: (() => Promise<void>)[] = []
  const stop = async (): Promise<void> => {
    await Promise.all(stops.map((each) => each()))
  }
  const start = async (profile: AgentProfile): Promise<RunningAgent> => {
    const { name, zone, pool, runtime, images, answers, version } = profile
    const metricsAt = (at: number): string | undefined => {
      const counters = countersAt(profile, begin, at)
      return counters === undefined ? undefined : ownMetrics(profile, counters)
    }
    let address = silent
    if (answers) {
      const server = await listen(serverOf(profile, { begin, clock, store }), 0)
      stops.push(server.stop)
      address = `127.0.0.1:${server.port}`
    }
    const image = `ghcr.io/spegel-org/spegel:v${version === '0.7' ? '0.7.4' : '0.1.1'}`
    return { address, name, zone, pool, runtime, images, image, mirrorUrl: `http://${address}`, metricsAt }
  }
  try {
    const agents: RunningAgent[] = []
    for (const profile of agentProfiles) agents.push(await start(profile))
    return { agents, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** Answers as an agent's two listeners do, on one port: /metrics as text (gzip where asked for), and its mirror. */
function serverOf(
  profile: AgentProfile,
  { begin, clock, store }: { begin: number; clock: Clock; store: Store },
) {
  return createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://agent')
    const reads = request.method === 'GET' || request.method === 'HEAD'
    if (reads && url.pathname.startsWith('/v2/')) {
      answerAsMirror(profile, store, url, request, response)
      return
    }
    const counters = countersAt(profile, begin, clock.now())
    if (!reads || url.pathname !== '/metrics' || counters === undefined) {
      response.writeHead(404, { 'Content-Type': 'text/plain; charset=utf-8' }).end('404 page not found\n')
      return
    }
    const zip = /\bgzip\b/.test(request.headers['accept-encoding'] ?? '')
    sendMetrics(agentMetrics(profile, counters), { zip, headOnly: request.method === 'HEAD' }, response)
  })
}

function sendMetrics(
  text: string,
  { zip, headOnly }: { zip: boolean; headOnly: boolean },
  response: ServerResponse,
): void {
  const body = zip ? gzipSync(text) : Buffer.from(text)
  response.writeHead(200, {
    'Content-Type': 'text/plain; version=0.0.4; charset=utf-8; escaping=underscores',
    'Content-Length': body.byteLength,
    ...(zip ? { 'Content-Encoding': 'gzip' } : {}),
  })
  response.end(headOnly ? undefined : body)
}
