import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Ask, Transport } from '../../electron/oci/ask.ts'
import { connectThrough } from '../../electron/oci/connect-through.ts'
import type { Connection } from '../../electron/oci/connection.ts'
import { createTransport } from '../../electron/oci/transport.ts'
import type { Exchange } from '../../shared/model/exchange.ts'
import { startRelay } from '../../electron/relay/relay.ts'
import { chains, client, root } from '../fakes/chains.ts'
import { startForwardProxy } from '../fakes/forward-proxy.ts'
import { failureIn } from '../fakes/failure-in.ts'
import {
  always,
  answerText,
  hang,
  refuseBodyAfter,
  type Script,
  startFaultyServer,
  tooLargeHtml,
} from '../fakes/faulty-server.ts'

let transport: Transport
let exchanges: Exchange[]
const stops: Array<() => Promise<void>> = []

beforeEach(() => {
  exchanges = []
  transport = createTransport({ record: (exchange) => exchanges.push(exchange), clock: { now: Date.now } })
})
afterEach(async () => {
  await transport.close()
  for (const stop of stops.splice(0)) await stop()
})

const trusted: Connection = { tls: { ca: [root] } }
const ask = (url: string, more: Partial<Ask> = {}): Ask => ({
  method: 'GET',
  url,
  phase: 'blob',
  role: 'registry',
  maxBytes: 1024,
  ...more,
})
async function serve(script: Script, options?: Parameters<typeof startFaultyServer>[1]) {
  const server = await startFaultyServer(script, options)
  stops.push(server.stop)
  return { ...server, port: Number(new URL(server.url).port) }
}
async function proxy(options?: Parameters<typeof startForwardProxy>[0]) {
  const started = await startForwardProxy(options)
  stops.push(started.stop)
  return started
}
async function relayTo(port: number) {
  const relay = await startRelay({ host: '127.0.0.1', port })
  stops.push(relay.stop)
  return relay
}
/** Answers with what the request's Host header and first line were. */
const echo: Script = async ({ head, socket }) => {
  for (;;) {
    const [line = '', ...fields] = (await head()).split('\r\n')
    const host = fields.find((field) => /^host:/i.test(field))
    socket.write(answerText('200 OK', {}, `${line}|${host}`))
  }
}
const textOf = async (asked: Ask) => Buffer.from((await transport.send(asked)).body).toString('utf8')

test('a registry of an authority that is given is trusted; without it, it is not', async () => {
  const { url } = await serve(echo, { tls: chains.good })
  expect((await transport.send(ask(url, { connection: trusted }))).status).toBe(200)
  expect(await failureIn(transport.send(ask(url)))).toMatchObject({
    kind: 'tls-untrusted',
    answeredBy: 'nobody',
  })
})

test('a certificate of another name is refused though its authority is trusted, and taken where nothing is verified', async () => {
  const { url } = await serve(echo, { tls: chains.elsewhere })
  const failure = await failureIn(transport.send(ask(url, { connection: trusted })))
  expect(failure).toMatchObject({ kind: 'tls-untrusted' })
  expect(failure.evidence).toEqual([
    { fact: 'error-code', value: 'ERR_TLS_CERT_ALTNAME_INVALID' },
    { fact: 'certificate', value: 'DNS:elsewhere.test' },
  ])
  expect((await transport.send(ask(url, { connection: { tls: { verify: false } } }))).status).toBe(200)
})

test('a client certificate opens what stays shut without one', async () => {
  const { url } = await serve(echo, { tls: { ...chains.good, ca: root, requestCert: true } })
  expect(await failureIn(transport.send(ask(url, { connection: trusted })))).toMatchObject({
    kind: 'unauthorized',
    answeredBy: 'server',
    retryable: false,
  })
  const shown = { tls: { ca: [root], client } }
  expect((await transport.send(ask(url, { connection: shown }))).status).toBe(200)
})

test('a client certificate and an unverified certificate are the registry’s own; other hosts get the authorities alone', async () => {
  const registry = await serve(echo, { tls: chains.elsewhere })
  const storage = await serve(echo, { tls: chains.elsewhere })
  const through = connectThrough(transport, registry.url, { tls: { verify: false, ca: [root], client } })
  expect((await through.send(ask(registry.url))).status).toBe(200)
  expect((await failureIn(through.send(ask(storage.url)))).kind).toBe('tls-untrusted')
})

test('connections made one way are not used for another', async () => {
  const { url } = await serve(echo, { tls: chains.good })
  await transport.send(ask(url, { connection: { tls: { verify: false } } }))
  expect((await failureIn(transport.send(ask(url)))).kind).toBe('tls-untrusted')
})

test('a relay is connected to while name, Host and certificate stay the registry’s', async () => {
  const tls = await serve(echo, { tls: chains.good })
  const plain = await serve(echo)
  const relays = [await relayTo(tls.port), await relayTo(plain.port)] as const
  const secure = ask('https://registry.test/v2/', {
    connection: { ...trusted, relayPort: relays[0].port },
  })
  expect(await textOf(secure)).toBe('GET /v2/ HTTP/1.1|host: registry.test')
  const open = ask('http://registry.test:8080/v2/', { connection: { relayPort: relays[1].port } })
  expect(await textOf(open)).toBe('GET /v2/ HTTP/1.1|host: registry.test:8080')
  expect(relays[0].counts().accepted).toBe(1)
})

test('TLS goes through a proxy by CONNECT, plain http in absolute form; the password is shown to the proxy and to nobody else', async () => {
  const tls = await serve(echo, { tls: chains.good })
  const plain = await serve(echo)
  const { url, seen, authorizations } = await proxy()
  const connection = { ...trusted, proxy: url.replace('//', '//lena:s3cr%20et@') }
  const secure = ask(`https://registry.test:${tls.port}/v2/?n=1`, { connection })
  expect(await textOf(secure)).toBe(`GET /v2/?n=1 HTTP/1.1|host: registry.test:${tls.port}`)
  const open = ask(`http://registry.test:${plain.port}/v2/`, { connection })
  expect(await textOf(open)).toBe(`GET /v2/ HTTP/1.1|host: registry.test:${plain.port}`)
  expect(seen).toEqual([`CONNECT registry.test:${tls.port}`, `GET http://registry.test:${plain.port}/v2/`])
  const basic = `Basic ${Buffer.from('lena:s3cr et').toString('base64')}`
  expect(authorizations).toEqual([basic, basic])
  expect(JSON.stringify(exchanges)).not.toContain(basic)
  expect(JSON.stringify(exchanges)).not.toContain('s3cr')
})

const refusals = [
  ['407 Proxy Authentication Required', 'proxy-refused', false],
  ['403 Forbidden', 'proxy-refused', false],
  ['502 Bad Gateway', 'gateway-fault', true],
  ['503 Service Unavailable', 'gateway-fault', true],
] as const
for (const [status, kind, retryable] of refusals) {
  test(`a proxy that answers CONNECT with ${status} is who answered`, async () => {
    const { url } = await proxy({ refuse: [`HTTP/1.1 ${status}`, 'Server: squid/6.9'] })
    const asked = ask('https://registry.test/v2/', {
      connection: { proxy: url.replace('//', '//u:geheim@') },
    })
    const failure = await failureIn(transport.send(asked))
    expect(failure).toMatchObject({
      kind,
      retryable,
      answeredBy: 'proxy',
      status: Number(status.slice(0, 3)),
    })
    expect(failure.host).toBe(new URL(url).host)
    expect(failure.evidence).toContainEqual({ fact: 'server', value: 'squid/6.9' })
    expect(JSON.stringify(failure)).not.toContain('geheim')
    expect(exchanges).toMatchObject([{ answeredBy: 'proxy', failure: kind }])
  })
}

test('a proxy that wants to know who asks for plain http is not taken for the registry', async () => {
  const { url } = await serve(
    always(
      answerText('407 Proxy Authentication Required', { 'proxy-authenticate': 'Basic realm="p"' }, 'no'),
    ),
  )
  const asked = ask('http://registry.test/v2/', { connection: { proxy: url } })
  expect((await transport.send(asked)).status).toBe(407)
  expect(exchanges).toMatchObject([{ failure: 'proxy-refused', answeredBy: 'proxy', host: 'registry.test' }])
})

test('a proxy that is not there is named instead of the registry', async () => {
  const { url, stop } = await startForwardProxy()
  await stop()
  const failure = await failureIn(
    transport.send(ask('https://registry.test/v2/', { connection: { proxy: url } })),
  )
  expect(failure).toMatchObject({ kind: 'refused', host: new URL(url).host, answeredBy: 'nobody' })
  expect(failure.evidence).toContainEqual({ fact: 'route', value: `proxy ${new URL(url).host}` })
  expect(failure.message).toMatch(/^On the way to registry\.test/)
})

test('a proxy that closes or talks something else is no tunnel', async () => {
  const closing = await serve(async ({ head, socket }) => {
    await head()
    socket.end()
  })
  const talking = await serve(async ({ socket }) => {
    socket.end('SSH-2.0-OpenSSH_9.9\r\n\r\n')
  })
  const through = (url: string) =>
    failureIn(transport.send(ask('https://registry.test/', { connection: { proxy: url } })))
  expect(await through(closing.url)).toMatchObject({ kind: 'connection-lost', host: closing.host })
  expect(await through(talking.url)).toMatchObject({ kind: 'proxy-refused', answeredBy: 'proxy' })
})

test('a proxy of another kind is refused before anything is sent, and its password stays unsaid', async () => {
  for (const proxied of ['socks5://u:geheim@127.0.0.1:1080', 'http://u:geheim@[']) {
    const failure = await failureIn(
      transport.send(ask('http://registry.test/v2/', { connection: { proxy: proxied } })),
    )
    expect(failure).toMatchObject({ kind: 'input-invalid', answeredBy: 'chartroom' })
    expect(JSON.stringify(failure)).not.toContain('geheim')
  }
})

test('a proxy of the environment is used for registries, not for mirrors and agents', async () => {
  const plain = await serve(echo)
  const { url, seen } = await proxy()
  const proxied = createTransport({
    record: () => undefined,
    clock: { now: Date.now },
    proxyOf: () => url,
  })
  stops.push(proxied.close)
  for (const role of ['registry', 'token-service', 'storage', 'mirror', 'agent'] as const) {
    await proxied.send(ask(`${plain.url}/${role}`, { role }))
  }
  expect(seen.map((line) => new URL(line.split(' ')[1] ?? '').pathname)).toEqual([
    '/registry',
    '/token-service',
    '/storage',
  ])
})

const large = Buffer.alloc(8 * 1024 * 1024, 1)
const upload = (url: string, connection: Connection): Ask =>
  ask(url, { method: 'PATCH', phase: 'upload-body', body: () => large, connection })

for (const way of ['over TLS', 'through a relay', 'through a proxy', 'by a proxy'] as const) {
  test(`a refusal ${way} in the middle of a body is read to its end`, async () => {
    const tls = await serve(refuseBodyAfter(100_000, tooLargeHtml), { tls: chains.good })
    const plain = await serve(refuseBodyAfter(100_000, tooLargeHtml))
    const { url } = await proxy()
    const name = `https://registry.test:${tls.port}`
    const asked = {
      'over TLS': upload(tls.url, trusted),
      'through a relay': upload(name, { ...trusted, relayPort: (await relayTo(tls.port)).port }),
      'through a proxy': upload(name, { ...trusted, proxy: url }),
      'by a proxy': upload('http://registry.test', { proxy: plain.url }),
    }
    expect((await transport.send(asked[way])).status).toBe(413)
  })
}

test('uploads have connections of their own, and three HEADs share one', async () => {
  const seen: string[] = []
  const server = await serve(async ({ head, socket }) => {
    for (;;) {
      const [line = ''] = (await head()).split('\r\n')
      seen.push(`${socket.remotePort} ${line.split(' ')[0]}`)
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n')
    }
  })
  for (let round = 0; round < 3; round += 1) await transport.send(ask(server.url, { method: 'HEAD' }))
  expect(server.connections()).toBe(1)
  for (const phase of ['upload-session', 'upload-body', 'upload-commit', 'manifest-put'] as const) {
    await transport.send(ask(server.url, { method: 'POST', phase }))
  }
  await transport.send(ask(server.url))
  expect(server.connections()).toBe(2)
  expect(new Set(seen.filter((line) => line.endsWith('POST')).map((line) => line.split(' ')[0])).size).toBe(1)
})

test('a connect that is cancelled is dropped at once', async () => {
  // nobody takes the connection up, so that the handshake never ends
  const { url, connected, allClosed } = await serve(hang)
  const controller = new AbortController()
  const job = failureIn(transport.send(ask(url.replace('http:', 'https:'), { signal: controller.signal })))
  await connected()
  controller.abort()
  expect((await job).kind).toBe('cancelled')
  await allClosed()
})

test('a connect that takes too long is given up', async () => {
  const { url, allClosed } = await serve(hang)
  const hasty = createTransport({
    record: () => undefined,
    clock: { now: Date.now },
    limits: { connectTimeout: 50 },
  })
  stops.push(hasty.close)
  expect(await failureIn(hasty.send(ask(url.replace('http:', 'https:'))))).toMatchObject({ kind: 'timeout' })
  await allClosed()
})
