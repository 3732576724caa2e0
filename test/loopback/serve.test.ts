import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createORPCClient } from '@orpc/client'
import { RPCLink } from '@orpc/client/websocket'
import type { ContractRouterClient } from '@orpc/contract'
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import type { Contract } from '../../shared/contract/contract.ts'
import { buildApp } from '../desktop/desktop.ts'

const serve = fileURLToPath(new URL('../../electron/serve.ts', import.meta.url))

let profile: string
const children: ChildProcess[] = []

beforeAll(() => buildApp(), 120_000)
beforeEach(async () => {
  profile = await mkdtemp(join(tmpdir(), 'chartroom-serve-'))
})
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  await rm(profile, { recursive: true, force: true })
})

interface Run {
  child: ChildProcess
  /** Resolves with the first line of stdout. */
  firstLine: Promise<string>
  /** Resolves when the process ended. */
  ended: Promise<{ code: number | null; stdout: string; stderr: string }>
}

function run(...options: string[]): Run {
  const child = spawn(process.execPath, [serve, ...options], { stdio: ['ignore', 'pipe', 'pipe'] })
  children.push(child)
  let [stdout, stderr] = ['', '']
  const line = Promise.withResolvers<string>()
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
    if (stdout.includes('\n')) line.resolve(stdout.slice(0, stdout.indexOf('\n')))
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, stdout, stderr }))
  return { child, firstLine: line.promise, ended }
}

/** Does what a page does: token for cookie, cookie for a socket, contract over the socket. */
async function connect(
  address: string,
): Promise<{ client: ContractRouterClient<Contract>; socket: WebSocket }> {
  const { origin, hash } = new URL(address)
  const answer = await fetch(`${origin}/session`, {
    method: 'POST',
    headers: { origin, 'content-type': 'application/json' },
    body: JSON.stringify({ token: hash.replace('#token=', '') }),
  })
  const cookie = answer.headers.get('set-cookie')?.split(';')[0] ?? ''
  const socket = new WebSocket(`${origin.replace('http', 'ws')}/wire`, { headers: { cookie, origin } })
  await once(socket, 'open')
  const link = new RPCLink({ websocket: socket as unknown as globalThis.WebSocket })
  return { client: createORPCClient(link), socket }
}

const ready = /^Chartroom is ready at (http:\/\/127\.0\.0\.1:\d+\/#token=[\w-]{43})$/

test.each(['SIGINT', 'SIGTERM'] as const)(
  'prints one line, serves, and ends cleanly on %s',
  async (signal) => {
    const { child, firstLine, ended } = run('--no-open', '--profile', profile)
    const address = ready.exec(await firstLine)?.[1] ?? ''
    const { client, socket } = await connect(address)
    expect(await client.host.capabilities()).toMatchObject({ secrets: 'memory', demo: false })
    await client.settings.update({ theme: 'dark' })
    // a stream that is open must not keep the process from ending
    const watch = await client.activity.watch()
    await watch.next()
    const gone = once(socket, 'close')
    child.kill(signal)
    // npm hands on what the terminal sent already
    child.kill(signal)
    const { code, stdout, stderr } = await ended
    await gone
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toBe(`Chartroom is ready at ${address}\n`)
    expect(JSON.parse(await readFile(join(profile, 'settings.json'), 'utf8'))).toMatchObject({
      theme: 'dark',
    })
  },
)

test('--demo starts with a registry and agents in the lists, labelled', async () => {
  const { child, firstLine, ended } = run('--no-open', '--demo', '--profile', profile)
  const { client } = await connect(ready.exec(await firstLine)?.[1] ?? '')
  expect(await client.registries.list()).toMatchObject([{ demo: true }])
  expect(await client.mirrors.sources()).toMatchObject([{ demo: true, settings: { kind: 'agents' } }])
  child.kill('SIGTERM')
  expect((await ended).code).toBe(0)
})

test('a port that is taken is said in one line', async () => {
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  const { port } = other.address() as AddressInfo
  const { code, stdout, stderr } = await run('--no-open', '--profile', profile, '--port', String(port)).ended
  other.close()
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toMatch(new RegExp(`^Port ${port} is in use\\.[^\\n]*\\n$`))
})

test.each([
  [['--port', 'x'], '--port x is no port'],
  [['--port', '65536'], '--port 65536 is no port'],
  [['--bind', '0.0.0.0'], "Unknown option '--bind'"],
])('%j is refused with the usage', async (options, words) => {
  const { code, stdout, stderr } = await run(...options).ended
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toContain(words)
  expect(stderr).toContain('Usage: serve')
})
