import { createHash, randomBytes } from 'node:crypto'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { type Relay, startRelay } from '../../electron/relay/relay.ts'
import { chartArchive } from '../fakes/charts.ts'
import { type FaultProxy, startFaultProxy } from '../fakes/fault-proxy.ts'
import { refusesLoneHeads } from '../fakes/faults.ts'
import { sendLikeGo } from '../fakes/raw-client.ts'
import { type DockerRegistry, startDockerRegistry } from '../lab/docker-registry.ts'
import { type Helm, openHelm } from '../lab/helm.ts'

let registry: DockerRegistry
let helm: Helm
let relay: Relay

beforeAll(async () => {
  registry = await startDockerRegistry()
  helm = await openHelm()
})
afterAll(async () => {
  await helm.close()
  await registry.stop()
})
afterEach(() => relay.stop())

function relayTo(url: string, limits = {}): Promise<Relay> {
  const { hostname, port } = new URL(url)
  return startRelay({ host: hostname, port: Number(port) }, limits)
}

test('helm pushes and pulls through it, and the registry has the chart byte for byte', async () => {
  relay = await relayTo(registry.url)
  const file = join(helm.directory, 'cart-1.2.3.tgz')
  const sent = await chartArchive({ version: '1.2.3' })
  await writeFile(file, sent)
  const { stderr } = await helm.run(['push', file, `oci://${relay.address}/relayed`, '--plain-http'])
  expect(stderr).toContain('Pushed:')
  const counts = relay.counts()
  expect(counts).toMatchObject({ refused: 0, errors: 0 })
  expect(counts.bytesToRegistry).toBeGreaterThan(sent.length)

  const { host } = new URL(registry.url)
  for (const from of [host, relay.address]) {
    await rm(file)
    await helm.run(['pull', `oci://${from}/relayed/cart`, '--version', '1.2.3', '--plain-http'])
    expect((await readFile(file)).equals(sent)).toBe(true)
  }
  expect(relay.counts().bytesFromRegistry).toBeGreaterThan(counts.bytesFromRegistry + sent.length)
})

describe('the way of go-containerregistry issue 2005', () => {
  const body = randomBytes(100_000)
  let proxy: FaultProxy
  beforeAll(async () => {
    proxy = await startFaultProxy(registry.url)
    proxy.inflict(refusesLoneHeads)
  })
  afterAll(() => proxy.stop())

  /** A session, and its PATCH as Go writes a stream to `host`: the head alone, the body once `arrived` resolves. */
  async function patch(host: string, arrived: () => Promise<unknown>): Promise<number> {
    const opened = await fetch(`${proxy.url}/v2/lone/blobs/uploads/`, { method: 'POST' })
    const url = new URL(opened.headers.get('location') ?? '')
    url.host = host
    const headers = { 'content-type': 'application/octet-stream', connection: 'close' }
    return (await sendLikeGo({ method: 'PATCH', url: url.toString(), headers, body }, arrived)).status
  }

  test('straight, a head that comes alone is answered 400; through the relay the same client passes', async () => {
    relay = await relayTo(proxy.url, { hold: 600_000 })
    const headAtProxy = () => proxy.reached(({ method }) => method === 'PATCH')
    expect(await patch(new URL(proxy.url).host, headAtProxy)).toBe(400)

    const headAtRelay = () =>
      vi.waitFor(() => expect(relay.counts().bytesToRegistry).toBeGreaterThan(0), { interval: 1 })
    expect(await patch(relay.address, headAtRelay)).toBe(202)
    expect(proxy.seen.at(-1)).toMatchObject({ method: 'PATCH', apart: false, bytes: body.length })
  })
})

test('64 MiB go up and come back with one digest', async () => {
  relay = await relayTo(registry.url)
  const bytes = randomBytes(64 * 1024 * 1024)
  const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`
  const base = `http://${relay.address}`
  const opened = await fetch(`${base}/v2/large/blobs/uploads/`, { method: 'POST' })
  const url = `${opened.headers.get('location')}&digest=${digest}`
  expect(new URL(url).host).toBe(relay.address)
  const stored = await fetch(url, { method: 'PUT', body: bytes })
  expect(stored.status).toBe(201)
  const back = await fetch(`${base}/v2/large/blobs/${digest}`)
  const received = createHash('sha256').update(Buffer.from(await back.arrayBuffer()))
  expect(`sha256:${received.digest('hex')}`).toBe(digest)
  expect(relay.counts().errors).toBe(0)
})
