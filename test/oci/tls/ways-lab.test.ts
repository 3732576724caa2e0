import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Transport } from '../../../electron/oci/ask.ts'
import { createRegistryClient } from '../../../electron/oci/client.ts'
import type { Connection } from '../../../electron/oci/connection.ts'
import { tlsReport } from '../../../electron/oci/tls/report.ts'
import { createTransport } from '../../../electron/oci/transport.ts'
import { blobOfBytes } from '../../../electron/oci/upload/blob-source.ts'
import { uploadBlob } from '../../../electron/oci/upload/upload.ts'
import { type Relay, startRelay } from '../../../electron/relay/relay.ts'
import { strategySchema } from '../../../shared/model/upload.ts'
import { chains, client, root } from '../../fakes/chains.ts'
import { failureIn } from '../../fakes/failure-in.ts'
import { type ForwardProxy, startForwardProxy } from '../../fakes/forward-proxy.ts'
import { type DockerRegistry, startDockerRegistry } from '../../lab/docker-registry.ts'

const repository = 'tests/ways'
let registry: DockerRegistry
let relay: Relay
let proxy: ForwardProxy
let transport: Transport

beforeAll(async () => {
  registry = await startDockerRegistry({ tls: { ...chains.good, clients: root } })
  relay = await startRelay({ host: '127.0.0.1', port: Number(new URL(registry.url).port) })
  proxy = await startForwardProxy()
  transport = createTransport({ record: () => undefined, clock: { now: Date.now } })
})
afterAll(async () => {
  await transport.close()
  await proxy.stop()
  await relay.stop()
  await registry.stop()
})

const tls = { ca: [root], client }
const ways: Array<[string, () => Connection]> = [
  ['straight', () => ({ tls })],
  ['through the relay', () => ({ tls, relayPort: relay.port })],
  ['through a proxy', () => ({ tls, proxy: proxy.url })],
]
const open = (connection: Connection) =>
  createRegistryClient({ transport, url: registry.url, credential: undefined, connection })

describe('a real registry that demands a client certificate', () => {
  for (const [way, connection] of ways) {
    for (const strategy of strategySchema.options) {
      test(`takes and gives a blob ${way}, ${strategy}`, async () => {
        const made = open(connection())
        const blob = blobOfBytes(randomBytes(300_000))
        const { url, transport: reached } = made
        const job = { transport: reached, url, repository, blob, mode: strategy, onEvent: () => undefined }
        expect(await uploadBlob(job)).toMatchObject({ strategy, existed: false })
        expect(await made.getBlob(repository, blob.digest)).toEqual(await blob.read())
      })
    }
  }

  test('was reached by the relay and by the proxy where they were named', () => {
    expect(relay.counts().accepted).toBeGreaterThan(0)
    expect(proxy.seen.every((line) => line === `CONNECT ${new URL(registry.url).host}`)).toBe(true)
    expect(proxy.seen.length).toBeGreaterThan(0)
  })

  test('refuses who shows none, and the report says what it wants', async () => {
    expect((await failureIn(open({ tls: { ca: [root] } }).ping())).kind).toBe('unauthorized')
    const asked = { url: registry.url, authorities: [{ from: 'entry', ca: root }], clock: { now: Date.now } }
    expect(await tlsReport({ ...asked, connection: { tls: { ca: [root] } } })).toMatchObject({
      trusted: true,
      problems: ['client-certificate-wanted'],
    })
    expect(await tlsReport({ ...asked, connection: { tls } })).toMatchObject({ trusted: true, problems: [] })
  })
})
