import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { printAgent } from '../fakes/agent.ts'
import { agentText } from './agent-text.ts'
import { later } from './later.ts'

/**
 * Agents in a process of their own, each with a port of its own: `agents.ts COUNT BYTES`. With bytes they have the text
 * of `agentText`, later by a round with every request, until 60 have been; with 0 bytes 20 registries and little else,
 * so that thousands of them are read at once. Tells its parent the addresses, and ends with it.
 */
const [count = 0, bytes = 0] = process.argv.slice(2).map(Number)

/** Agents differ by the round they are in. */
const apart = 8
const most = 60
const type = 'text/plain; version=0.0.4; charset=utf-8; escaping=underscores'

interface Body {
  plain: Buffer
  packed: Buffer
}

function bodyOf(text: string): Body {
  return { plain: Buffer.from(text), packed: gzipSync(text) }
}

/** What an agent says, round after round. */
function bodiesOf(): (agent: number, round: number) => Body {
  if (bytes === 0) return (agent, round) => bodyOf(smallText(agent, round))
  const text = agentText(bytes)
  const bodies = Array.from({ length: most + apart }, (_, round) => bodyOf(later(text, round)))
  return (agent, round) => bodies[(agent % apart) + Math.min(round, most)] ?? bodyOf(text)
}

function smallText(agent: number, round: number): string {
  const requests = Array.from({ length: 20 }, (_, index) => ({
    registry: `registry-${index}.example.com`,
    hits: ((agent * 7 + index * 13) % 101) * (round + 1),
    misses: ((agent * 3 + index * 5) % 29) * (round + 1),
  }))
  return printAgent({ startedAt: 1_790_000_000, lastSuccess: 1_790_000_100, requests })
}

const bodies = bodiesOf()

function answerOf(agent: number): RequestListener {
  let round = 0
  return ({ headers }, response) => {
    const { plain, packed } = bodies(agent, round)
    round += 1
    const isPacked = headers['accept-encoding']?.includes('gzip') === true
    const body = isPacked ? packed : plain
    response
      .writeHead(200, {
        'content-type': type,
        'content-length': body.length,
        ...(isPacked ? { 'content-encoding': 'gzip' } : {}),
      })
      .end(body)
  }
}

async function startAgent(index: number): Promise<string> {
  const server = createServer(answerOf(index))
  // Go's server lets a connection idle as long as it likes
  server.keepAliveTimeout = 0
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

const addresses = await Promise.all(Array.from({ length: count }, (_, index) => startAgent(index)))
process.on('disconnect', () => process.exit())
process.send?.(addresses)
