import { createServer, type Server, type TlsOptions } from 'node:tls'
import { once } from 'node:events'
import { afterEach, expect, test } from 'vitest'
import type { Connection } from '../../../electron/oci/connection.ts'
import { tlsReport } from '../../../electron/oci/tls/report.ts'
import type { TlsReport } from '../../../shared/model/registry.ts'
import { selfSigned } from '../../fakes/certificate.ts'
import { chains, client, root } from '../../fakes/chains.ts'
import { failureIn } from '../../fakes/failure-in.ts'
import { hang, startFaultyServer } from '../../fakes/faulty-server.ts'
import { startForwardProxy } from '../../fakes/forward-proxy.ts'

const servers: Server[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.close()
    await once(server, 'close')
  }
})

async function listen(options: TlsOptions): Promise<number> {
  const server = createServer(options, (socket) => socket.on('error', () => undefined).resume())
  server.on('tlsClientError', () => undefined).listen(0, '127.0.0.1')
  servers.push(server)
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no TCP port was given')
  return address.port
}
const trusting: Connection = { tls: { ca: [root] } }
const report = (url: string, connection: Connection = trusting): Promise<TlsReport> =>
  tlsReport({
    url,
    connection,
    authorities: (connection.tls?.ca ?? []).map((ca) => ({ from: 'entry', ca })),
    clock: { now: () => Date.UTC(2026, 5, 1) },
  })

interface Row {
  what: string
  server: TlsOptions
  connection?: Connection
  trusted: boolean
  problems: TlsReport['problems']
  length: number
}
const rows: Row[] = [
  { what: 'a good chain', server: chains.good, trusted: true, problems: [], length: 2 },
  {
    what: 'an authority nobody knows',
    server: chains.good,
    connection: {},
    trusted: false,
    problems: ['unknown-authority'],
    length: 2,
  },
  {
    what: 'a chain without the certificate in between',
    server: chains.withoutIntermediate,
    trusted: false,
    problems: ['missing-intermediate', 'unknown-authority'],
    length: 1,
  },
  {
    what: 'an expired certificate',
    server: chains.expired,
    trusted: false,
    problems: ['expired'],
    length: 2,
  },
  {
    what: 'a certificate of the future',
    server: chains.future,
    trusted: false,
    problems: ['not-yet-valid'],
    length: 2,
  },
  {
    what: 'a certificate of another name',
    server: chains.elsewhere,
    trusted: false,
    problems: ['wrong-name'],
    length: 2,
  },
  {
    what: 'a certificate that vouches for itself',
    server: selfSigned,
    trusted: false,
    // it is made after the day the clock shows
    problems: ['not-yet-valid', 'self-signed'],
    length: 1,
  },
  {
    what: 'a certificate that is trusted for itself',
    server: selfSigned,
    connection: { tls: { ca: [selfSigned.cert] } },
    trusted: true,
    problems: ['not-yet-valid'],
    length: 1,
  },
  {
    what: 'a short key',
    server: { ...chains.weak, ciphers: 'DEFAULT@SECLEVEL=0' },
    trusted: false,
    problems: ['weak'],
    length: 2,
  },
  {
    what: 'a registry that is not verified',
    server: chains.good,
    connection: { tls: { verify: false } },
    trusted: false,
    problems: ['unknown-authority', 'not-verified'],
    length: 2,
  },
  {
    what: 'a registry that wants a client certificate',
    server: { ...chains.good, ca: root, requestCert: true },
    trusted: true,
    problems: ['client-certificate-wanted'],
    length: 2,
  },
  {
    what: 'a registry that gets the client certificate it wants',
    server: { ...chains.good, ca: root, requestCert: true },
    connection: { tls: { ca: [root], client } },
    trusted: true,
    problems: [],
    length: 2,
  },
]
for (const { what, server, connection, trusted, problems, length } of rows) {
  test(`${what}: ${problems.join(', ') || 'nothing is wrong'}`, async () => {
    const found = await report(`https://127.0.0.1:${await listen(server)}`, connection)
    expect(found).toMatchObject({ trusted, problems })
    expect(found.chain).toHaveLength(length)
    expect(found.trustedBy).toEqual(trusted ? ['entry'] : [])
    expect(found.code === undefined).toBe(trusted)
  })
}

test('a certificate is shown with its names, its issuer, its dates and its fingerprint', async () => {
  const port = await listen(chains.good)
  const { chain, protocol, host } = await report(`https://127.0.0.1:${port}`)
  expect(host).toBe(`127.0.0.1:${port}`)
  expect(protocol).toBe('TLSv1.3')
  expect(chain[0]).toMatchObject({
    subject: 'O=Chartroom tests, CN=server',
    issuer: 'O=Chartroom tests, CN=intermediate',
    names: ['localhost', 'registry.test', '127.0.0.1'],
    validFrom: Date.UTC(2026, 0, 1),
    validTo: Date.UTC(2126, 0, 1),
    selfSigned: false,
  })
  expect(chain[0]?.sha256).toMatch(/^(?:[0-9A-F]{2}:){31}[0-9A-F]{2}$/)
})

test('a protocol out of use is weak', async () => {
  const old: TlsOptions = {
    ...chains.good,
    minVersion: 'TLSv1',
    maxVersion: 'TLSv1.1',
    ciphers: 'DEFAULT@SECLEVEL=0',
  }
  const url = `https://127.0.0.1:${await listen(old)}`
  expect(await report(url)).toMatchObject({ protocol: 'TLSv1.1', trusted: false, problems: ['weak'] })
})

test('the report goes the registry’s way, and the name stays its own', async () => {
  const proxy = await startForwardProxy()
  try {
    const port = await listen(chains.good)
    const found = await report(`https://registry.test:${port}`, { ...trusting, proxy: proxy.url })
    expect(found).toMatchObject({ trusted: true, problems: [] })
    expect(new Set(proxy.seen)).toEqual(new Set([`CONNECT registry.test:${port}`]))
    const relayed = await report('https://elsewhere.test', { ...trusting, relayPort: port })
    expect(relayed.problems).toEqual(['wrong-name'])
  } finally {
    await proxy.stop()
  }
})

test('where there is no TLS, that is the failure', async () => {
  const plain = await startFaultyServer(async ({ socket }) => {
    socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')
  })
  try {
    expect(await failureIn(report(plain.url.replace('http:', 'https:')))).toMatchObject({
      kind: 'tls-on-plain',
      phase: 'connect',
    })
    expect(await failureIn(report(plain.url))).toMatchObject({ kind: 'input-invalid', next: ['use-https'] })
  } finally {
    await plain.stop()
  }
})

test('a report that is cancelled ends at once', async () => {
  const silent = await startFaultyServer(hang)
  try {
    const controller = new AbortController()
    const job = failureIn(
      tlsReport({
        url: silent.url.replace('http:', 'https:'),
        connection: {},
        authorities: [],
        clock: { now: Date.now },
        signal: controller.signal,
      }),
    )
    await silent.connected()
    controller.abort()
    expect((await job).kind).toBe('cancelled')
    await silent.allClosed()
  } finally {
    await silent.stop()
  }
})
