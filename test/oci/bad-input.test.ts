import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Ask, Transport } from '../../electron/oci/ask.ts'
import { createRegistryClient } from '../../electron/oci/client.ts'
import { createTransport } from '../../electron/oci/transport.ts'
import type { Exchange } from '../../shared/model/exchange.ts'
import { failureIn } from '../fakes/failure-in.ts'
import {
  always,
  answerAfterAndStall,
  badRequestText,
  halfResponse,
  hang,
  htmlPage,
  plainOnTlsText,
  refuseBodyAfter,
  resetAfter,
  type Script,
  startFaultyServer,
  tooLargeHtml,
} from '../fakes/faulty-server.ts'
import { startDockerRegistry } from '../lab/docker-registry.ts'

let transport: Transport
let exchanges: Exchange[]
const servers: Array<{ stop(): Promise<void> }> = []

beforeEach(() => {
  exchanges = []
  transport = createTransport({ record: (exchange) => exchanges.push(exchange), clock: { now: Date.now } })
})
afterEach(async () => {
  await transport.close()
  for (const server of servers.splice(0)) await server.stop()
})

async function faulty(script: Script, options?: { tls?: boolean }) {
  const server = await startFaultyServer(script, options)
  servers.push(server)
  return server
}
const pingOf = (url: string) =>
  failureIn(createRegistryClient({ transport, url, credential: undefined }).ping())
const get = (url: string, more: Partial<Ask> = {}): Ask => ({
  method: 'GET',
  url,
  phase: 'catalog',
  role: 'registry',
  maxBytes: 1024,
  ...more,
})

test('an HTML page is not a registry', async () => {
  const { url } = await faulty(htmlPage)
  expect(await pingOf(url)).toMatchObject({
    kind: 'not-a-registry',
    answeredBy: 'server',
    status: 200,
    phase: 'ping',
  })
  expect(exchanges).toMatchObject([{ status: 200, answeredBy: 'server' }])
})

test('TLS spoken to a plain port', async () => {
  const real = await startDockerRegistry()
  servers.push(real)
  const failure = await pingOf(real.url.replace('http:', 'https:'))
  expect(failure).toMatchObject({ kind: 'tls-on-plain', next: ['use-http', 'check-scheme'] })
  expect(failure.evidence[0]?.fact).toBe('error-code')
})

test('plain http spoken to a TLS port that answers with a TLS alert', async () => {
  const { url } = await faulty(async ({ head, socket }) => {
    await head()
    socket.end(Buffer.from([0x15, 0x03, 0x01, 0x00, 0x02, 0x02, 0x46]))
  })
  expect(await pingOf(url)).toMatchObject({ kind: 'plain-on-tls', next: ['use-https', 'check-scheme'] })
})

test('plain http spoken to a TLS port that says so in words', async () => {
  const { url } = await faulty(always(plainOnTlsText))
  expect(await pingOf(url)).toMatchObject({ kind: 'plain-on-tls', answeredBy: 'server', status: 400 })
})

test('plain http spoken to a TLS port that hangs up', async () => {
  const { url } = await faulty(hang, { tls: true })
  expect(await pingOf(url.replace('https:', 'http:'))).toMatchObject({
    kind: 'plain-on-tls',
    answeredBy: 'server',
    next: ['use-https', 'check-scheme'],
  })
})

test('a plain port that hangs up is no TLS port', async () => {
  const { url } = await faulty(async ({ body, socket }) => {
    await body(1)
    socket.destroy()
  })
  const failure = await pingOf(url)
  expect(failure).toMatchObject({ kind: 'connection-lost', answeredBy: 'nobody' })
  expect(failure.next[0]).toBe('check-scheme')
})

test('something that does not speak HTTP', async () => {
  const { url } = await faulty(async ({ socket }) => {
    socket.end('SSH-2.0-OpenSSH_9.9\r\n')
  })
  expect(await pingOf(url)).toMatchObject({ kind: 'not-a-registry', answeredBy: 'server' })
})

test('a certificate nobody vouches for', async () => {
  const { url } = await faulty(htmlPage, { tls: true })
  expect(await pingOf(url)).toMatchObject({
    kind: 'tls-untrusted',
    answeredBy: 'nobody',
    evidence: [{ fact: 'error-code', value: 'DEPTH_ZERO_SELF_SIGNED_CERT' }],
    next: ['trust-certificate', 'check-address'],
  })
})

test('a refused connection', async () => {
  const server = await startFaultyServer(hang)
  await server.stop()
  expect(await pingOf(server.url)).toMatchObject({
    kind: 'refused',
    answeredBy: 'nobody',
    evidence: [{ fact: 'error-code', value: 'ECONNREFUSED' }],
  })
  expect(exchanges).toMatchObject([{ answeredBy: 'nobody', failure: 'refused', bytesReceived: 0 }])
})

test('a name that does not resolve', async () => {
  expect(await pingOf('http://registry.invalid')).toMatchObject({ kind: 'dns', answeredBy: 'nobody' })
})

test('a hang ends when patience ends', async () => {
  const { url } = await faulty(hang)
  expect(await failureIn(transport.send(get(url, { patience: 50 })))).toMatchObject({
    kind: 'timeout',
    retryable: true,
    evidence: [{ fact: 'limit', value: '50 ms' }],
  })
})

test('a half-written response', async () => {
  const { url } = await faulty(halfResponse)
  expect(await failureIn(transport.send(get(url)))).toMatchObject({
    kind: 'connection-lost',
    answeredBy: 'nobody',
  })
  expect(exchanges).toMatchObject([{ status: 200, failure: 'connection-lost', bytesReceived: 23 }])
})

test('an answer longer than its limit is a Failure, not a cut text', async () => {
  const { url } = await faulty(htmlPage)
  expect(await failureIn(transport.send(get(url, { maxBytes: 10 })))).toMatchObject({
    kind: 'answer-invalid',
    evidence: [{ fact: 'limit', value: '10' }],
  })
})

const large = Buffer.alloc(8 * 1024 * 1024, 1)
const bodies = [
  ['from memory', () => large],
  ['as a stream with its length', () => ({ stream: Readable.from([large]), length: large.length })],
  ['as a stream without', () => ({ stream: Readable.from([large]) })],
] as const
const upload = (url: string, body: Ask['body']): Ask => ({
  ...get(url),
  method: 'PATCH',
  phase: 'upload-body',
  ...(body !== undefined ? { body } : {}),
})

for (const [how, body] of bodies) {
  test(`an HTML 413 in the middle of an upload ${how} is what is seen`, async () => {
    const { url } = await faulty(refuseBodyAfter(100_000, tooLargeHtml))
    const answer = await transport.send(upload(url, body))
    expect(answer).toMatchObject({ status: 413, connectionClosed: true })
    expect(exchanges).toMatchObject([{ status: 413, failure: 'too-large', answeredBy: 'proxy' }])
    expect(answer.bytesSent).toBeLessThan(large.length)
  })

  test(`a plain 400 in the middle of an upload ${how} is what is seen, also when nothing is read any more`, async () => {
    const { url } = await faulty(answerAfterAndStall(100_000, badRequestText))
    expect((await transport.send(upload(url, body))).status).toBe(400)
    expect(exchanges).toMatchObject([{ status: 400, failure: 'body-refused', answeredBy: 'proxy' }])
  })

  test(`a reset in the middle of an upload ${how}`, async () => {
    const { url } = await faulty(resetAfter(100_000))
    const failure = await failureIn(transport.send(upload(url, body)))
    expect(failure).toMatchObject({ kind: 'connection-lost', retryable: true })
    expect(failure.evidence.map(({ fact }) => fact)).toContain('bytes-sent')
  })
}

test('a refusal is seen however its reset races with the body', async () => {
  const script = fileURLToPath(new URL('../fakes/refusing-process.ts', import.meta.url))
  const server = spawn(process.execPath, [script, '1000'], { stdio: ['pipe', 'pipe', 'inherit'] })
  try {
    const [line] = (await once(server.stdout, 'data')) as [Buffer]
    const url = line.toString('utf8').trim()
    const seen = new Set<number>()
    for (let round = 0; round < 40; round += 1) {
      seen.add((await transport.send(upload(url, () => large))).status)
    }
    expect([...seen]).toEqual([413])
  } finally {
    server.stdin.end()
    await once(server, 'close')
  }
})

test('a body that cannot be read on our side is our failure', async () => {
  const { url } = await faulty(hang)
  const stream = () =>
    Readable.from(
      (function* () {
        yield Buffer.alloc(10)
        throw new Error('the disk is gone')
      })(),
    )
  expect(await failureIn(transport.send(upload(url, () => ({ stream: stream() }))))).toMatchObject({
    kind: 'internal',
    answeredBy: 'chartroom',
  })
})
