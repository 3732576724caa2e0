import { STATUS_CODES } from 'node:http'
import { readFile, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createFixedTags } from '../../electron/charts/fixed-tags.ts'
import { type Intake, createIntake } from '../../electron/charts/intake.ts'
import { createPublisher, type Publisher } from '../../electron/charts/publisher.ts'
import { createRegistryClient, type RegistryClient } from '../../electron/oci/client.ts'
import { createTransport } from '../../electron/oci/transport.ts'
import { createUploadMemory, type UploadMemory } from '../../electron/oci/upload/memory.ts'
import type { PublishEvent, PublishInput, PublishResult } from '../../shared/model/upload.ts'
import { helmLines } from '../../shared/model/chart.ts'
import type { Failure } from '../../shared/model/failure.ts'
import { parseReference } from '../../shared/model/reference.ts'
import { chartArchive } from '../fakes/charts.ts'
import { type FaultProxy, startFaultProxy, type Stroke } from '../fakes/fault-proxy.ts'
import { htmlAnswer } from '../fakes/faults.ts'
import { type DockerRegistry, startDockerRegistry } from '../lab/docker-registry.ts'
import { type Helm, openHelm } from '../lab/helm.ts'

const clock = { now: Date.now }
const credential = { username: 'captain', password: 'a secret: with colon' }
const transport = createTransport({ record: () => undefined, clock })
let helm: Helm
let open: DockerRegistry
let guarded: DockerRegistry
let proxy: FaultProxy
let intake: Intake
let publisher: Publisher
let memory: UploadMemory
const clients = new Map<string, RegistryClient>()

beforeAll(async () => {
  helm = await openHelm()
  open = await startDockerRegistry()
  guarded = await startDockerRegistry({ htpasswd: credential })
  clients.set('open', createRegistryClient({ transport, url: open.url, credential: undefined }))
  clients.set(
    'guarded',
    createRegistryClient({
      transport,
      url: guarded.url,
      credential: { source: 'password', ...credential },
    }),
  )
  proxy = await startFaultProxy(open.url)
  clients.set('proxied', createRegistryClient({ transport, url: proxy.url, credential: undefined }))
  intake = createIntake({ directory: join(helm.directory, 'profile') })
  memory = createUploadMemory({ directory: join(helm.directory, 'profile'), clock })
  publisher = createPublisher({
    intake,
    clientOf: async (id) => clientOf(id),
    clock,
    memory,
    bufferBytes: async () => 256 * 1024 * 1024,
    fixedTags: createFixedTags(),
  })
})
afterAll(async () => {
  await intake.close()
  await transport.close()
  await proxy.stop()
  await Promise.all([open.stop(), guarded.stop()])
  await helm.close()
})

beforeEach(() => {
  proxy.inflict()
})

function clientOf(id: string): RegistryClient {
  const client = clients.get(id)
  if (client === undefined) throw new Error(`no registry ${id}`)
  return client
}

async function takeIn(bytes: Uint8Array): Promise<string> {
  return intake.accept(
    'chart.tgz',
    (async function* () {
      yield bytes
    })(),
  )
}

function publish(input: Partial<PublishInput> & { ticket: string }, by = publisher) {
  return drain(by.start({ registryId: 'open', path: 'charts', mode: 'auto', ...input }))
}

async function drain(running: AsyncGenerator<PublishEvent, PublishResult>) {
  const events: PublishEvent[] = []
  for (;;) {
    const next = await running.next()
    if (next.done === true) return { events, result: next.value }
    events.push(next.value)
  }
}

async function failureFrom(work: Promise<unknown>): Promise<Failure> {
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  expect(error).toHaveProperty('failure')
  return (error as { failure: Failure }).failure
}

async function tagsOf(repository: string): Promise<string[]> {
  const answer = await fetch(`${open.url}/v2/${repository}/tags/list`)
  const { tags } = (await answer.json()) as { tags?: string[] | null }
  return tags ?? []
}

const requestsOf = (events: PublishEvent[]) =>
  events.flatMap((event) =>
    event.type === 'exchange' ? [`${event.exchange.method} ${event.exchange.status}`] : [],
  )

describe('a chart published to a real registry', () => {
  it.each([
    ['auto', 'buffered', 'buffered'],
    ['buffered', 'buffered', 'buffered'],
    ['streamed', 'streamed-patch', 'streamed'],
    ['streamed-put', 'streamed-put', 'streamed'],
    ['streamed-patch', 'streamed-patch', 'streamed'],
    ['chunked', 'chunked', 'streamed'],
  ] as const)('%s, comes back byte-equal through helm pull', async (asked, strategy, mode) => {
    const name = `cart-${asked}`
    const bytes = await chartArchive({ name, version: '1.2.3', padding: 3_000_000 })
    const { result } = await publish({ ticket: await takeIn(bytes), mode: asked })
    const { host } = new URL(open.url)
    const reference = `${host}/charts/${name}:1.2.3`
    expect(result).toMatchObject({
      reference,
      mode,
      strategy,
      skipped: 0,
      version: '1.2.3',
      plainHttp: true,
    })
    const { pull, install } = helmLines(parseReference(reference), result.version, result.plainHttp)
    await helm.run(pull.split(' ').slice(1))
    expect((await readFile(join(helm.directory, `${name}-1.2.3.tgz`))).equals(bytes)).toBe(true)
    await helm.run([...install.split(' ').slice(1), '--dry-run=client'])
  })

  it('in chunks of the size that was asked for', async () => {
    const bytes = await chartArchive({ name: 'in-chunks', padding: 300_000 })
    const input = { mode: 'chunked', chunkBytes: 128 * 1024 } as const
    const { events } = await publish({ ticket: await takeIn(bytes), ...input })
    const ranges = events.flatMap((event) =>
      event.type === 'exchange' ? (event.exchange.requestHeaders['content-range'] ?? []) : [],
    )
    expect(ranges).toContain('0-131071')
    expect(ranges).toContain('131072-262143')
    expect(ranges).toContain(`262144-${bytes.length - 1}`)
  })

  it('with fewer requests than helm push, the first time and again', async () => {
    const bytes = await chartArchive({ name: 'counted' })
    const path = join(helm.directory, 'counted-1.0.0.tgz')
    await writeFile(path, bytes)
    const { host } = new URL(proxy.url)
    const theirs = async () => {
      proxy.seen.length = 0
      await helm.run(['push', path, `oci://${host}/helm`, '--plain-http'])
      return proxy.seen.length
    }
    const ticket = await takeIn(bytes)
    const ours = async () => {
      const { events } = await publish({ ticket, registryId: 'proxied', path: 'ours' })
      return requestsOf(events)
    }
    const first = await ours()
    expect(first.slice(0, 2)).toEqual(['HEAD 404', 'HEAD 404'])
    expect(first.slice(2, 6).sort()).toEqual(['POST 202', 'POST 202', 'PUT 201', 'PUT 201'])
    expect(first.slice(6)).toEqual(['PUT 201', 'HEAD 200'])
    expect(first.length).toBeLessThan(await theirs())
    const second = await ours()
    expect(second).toEqual(['HEAD 200', 'HEAD 200'])
    expect(second.length).toBeLessThan(await theirs())
  })

  it('to one that asks for a password', async () => {
    const { result } = await publish({ ticket: await takeIn(await chartArchive()), registryId: 'guarded' })
    const { host } = new URL(guarded.url)
    const { username, password } = credential
    await helm.run(['registry', 'login', host, '-u', username, '-p', password, '--plain-http'])
    const { stdout } = await helm.run(['show', 'chart', `oci://${host}/charts/cart`, '--plain-http'])
    expect(stdout).toContain('version: 1.0.0')
    expect(result.reference).toBe(`${host}/charts/cart:1.0.0`)
  })

  it('with build metadata goes under the tag helm looks for', async () => {
    const bytes = await chartArchive({ name: 'built', version: '1.0.0+build.7' })
    const { result } = await publish({ ticket: await takeIn(bytes), path: '' })
    const { host } = new URL(open.url)
    expect(result.reference).toBe(`${host}/built:1.0.0_build.7`)
    await helm.run(['pull', `oci://${host}/built`, '--version', '1.0.0+build.7', '--plain-http'])
    expect((await readFile(join(helm.directory, 'built-1.0.0+build.7.tgz'))).equals(bytes)).toBe(true)
  })

  it('twice sends nothing twice and gives the same manifest', async () => {
    const bytes = await chartArchive({ name: 'twice' })
    const ticket = await takeIn(bytes)
    const first = await publish({ ticket })
    const second = await publish({ ticket })
    const { strategy: _, ...same } = first.result
    expect(second.result).toEqual({ ...same, skipped: 2 })
    expect(requestsOf(second.events)).toEqual(['HEAD 200', 'HEAD 200'])
  })

  it('over other content, on purpose, sends its blobs only once', async () => {
    const bytes = await chartArchive({ name: 'tagged' })
    const ticket = await takeIn(bytes)
    await publish({ ticket })
    const other = await fetch(`${open.url}/v2/charts/tagged/manifests/1.0.0`, {
      method: 'PUT',
      headers: { 'content-type': 'application/vnd.oci.image.index.v1+json' },
      body: '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}',
    })
    const overwrite = other.headers.get('docker-content-digest') ?? ''
    const { events, result } = await publish({ ticket, overwrite })
    expect(result.skipped).toBe(2)
    expect(result).not.toHaveProperty('strategy')
    expect(requestsOf(events)).toEqual(['HEAD 200', 'HEAD 200', 'HEAD 200', 'PUT 201', 'HEAD 200'])
  })

  it('and one pushed by helm are the same to each other', async () => {
    const bytes = await chartArchive({ name: 'both' })
    const path = join(helm.directory, 'both-1.0.0.tgz')
    await writeFile(path, bytes)
    await utimes(path, new Date('2026-01-02T03:04:05Z'), new Date('2026-01-02T03:04:05Z'))
    await helm.run(['push', path, `oci://${new URL(open.url).host}/helm`, '--plain-http'])
    const { result } = await publish({ ticket: await takeIn(bytes), path: 'ours' })
    const theirs = await clientOf('open').getManifest('helm/both', '1.0.0')
    expect(result.digest).toBe(theirs.digest)
  })

  it('counts its bytes and its steps', async () => {
    const bytes = await chartArchive({ name: 'steps', padding: 500_000 })
    const { events, result } = await publish({ ticket: await takeIn(bytes), mode: 'streamed' })
    const progress = events.filter((event) => event.type === 'progress')
    expect(progress.at(-1)?.sent).toBe(progress.at(-1)?.total)
    expect(progress.at(-1)?.total).toBeGreaterThan(bytes.length)
    expect(result.size).toBeGreaterThan(progress.at(-1)?.total ?? 0)
    const stepsOf = (blob?: string) =>
      events.flatMap((event) => (event.type === 'step' && event.blob === blob ? [event.step] : []))
    for (const blob of ['config', 'chart']) {
      expect(stepsOf(blob)).toEqual(['check', 'session', 'body', 'commit'])
    }
    expect(stepsOf()).toEqual(['check', 'manifest', 'verify'])
  })

  it('shows every exchange of the upload, also the one that only asked who we are', async () => {
    const { url } = guarded
    clients.set(
      'anew',
      createRegistryClient({ transport, url, credential: { source: 'password', ...credential } }),
    )
    const ticket = await takeIn(await chartArchive({ name: 'shown' }))
    const { events } = await publish({ ticket, registryId: 'anew' })
    const requests = requestsOf(events)
    expect(requests[0]).toBe('HEAD 401')
    // asked side by side, the registry is still met once
    expect(requests.filter((request) => request.endsWith(' 401'))).toHaveLength(1)
  })
})

describe('a publication that fails', () => {
  const html = (status: number, afterBytes = 0): Stroke => ({
    afterBytes,
    collects: true,
    does: htmlAnswer(`${status} ${STATUS_CODES[status] ?? ''}`),
  })

  it.each([
    [400, { kind: 'body-refused', answeredBy: 'proxy' }, 'use-buffered'],
    [413, { kind: 'too-large', answeredBy: 'proxy' }, 'use-chunked'],
  ])('an HTML %i in the middle of the chart leaves the ticket and no tag', async (status, verdict, next) => {
    const ticket = await takeIn(await chartArchive({ name: `refused-${status}`, padding: 400_000 }))
    proxy.fault = ({ method, headers }) =>
      method === 'PATCH' && Number(headers['content-length']) > 100_000 ? html(status, 100_000) : undefined
    const failure = await failureFrom(publish({ ticket, registryId: 'proxied', mode: 'streamed' }))
    expect(failure).toMatchObject({ ...verdict, status, phase: 'upload-body' })
    expect(failure.next[0]).toBe(next)
    expect(await tagsOf(`charts/refused-${status}`)).toEqual([])
    proxy.fault = () => undefined
    const { result } = await publish({ ticket, registryId: 'proxied', mode: 'streamed' })
    expect(result.strategy).toBe('streamed-patch')
  })

  it('behind a network that refuses one shape recovers in auto, says why, and helm reads the result', async () => {
    await memory.forget(proxy.url)
    proxy.fault = ({ method, headers }) =>
      method === 'PUT' && Number(headers['content-length']) > 100_000 ? html(400) : undefined
    const bytes = await chartArchive({ name: 'vsphere', padding: 400_000 })
    const ticket = await takeIn(bytes)
    const { events, result } = await publish({ ticket, registryId: 'proxied' })
    expect(result).toMatchObject({ mode: 'streamed', strategy: 'streamed-patch' })
    const fallback = { type: 'fallback', from: 'buffered', to: 'streamed-patch' }
    expect(events).toContainEqual(expect.objectContaining(fallback))
    const registryId = 'proxied'
    expect(await publisher.learned({ registryId })).toMatchObject({ strategy: 'streamed-patch' })
    expect(await publisher.learned({ registryId, bytes: 5000 })).not.toBeNull()
    // a stream is what larger ones begin with anyway
    expect(await publisher.learned({ registryId, bytes: 64 * 1024 * 1024 })).toBeNull()
    await helm.run(['pull', `oci://${new URL(open.url).host}/charts/vsphere`, '--plain-http'])
    expect((await readFile(join(helm.directory, 'vsphere-1.0.0.tgz'))).equals(bytes)).toBe(true)
    expect(await publisher.forget(registryId)).toEqual({ forgotten: true })
    expect(await publisher.learned({ registryId })).toBeNull()
  })

  it('shows the exchange that nobody answered', async () => {
    const { url } = await startFaultProxy(open.url).then(async (gone) => {
      await gone.stop()
      return gone
    })
    clients.set('gone', createRegistryClient({ transport, url, credential: undefined }))
    const running = publisher.start({
      ticket: await takeIn(await chartArchive({ name: 'nobody' })),
      registryId: 'gone',
      path: 'charts',
      mode: 'auto',
    })
    const events: PublishEvent[] = []
    const failure = await failureFrom(
      (async () => {
        for await (const event of running) events.push(event)
      })(),
    )
    expect(failure).toMatchObject({ kind: 'refused', answeredBy: 'nobody' })
    expect(new Set(requestsOf(events))).toEqual(new Set(['HEAD undefined']))
  })

  it('ends the blob that is still under way when the other one is refused', async () => {
    const ticket = await takeIn(await chartArchive({ name: 'pair', padding: 1_000_000 }))
    proxy.fault = ({ method, headers }) => {
      if (method !== 'PUT') return undefined
      return Number(headers['content-length']) > 100_000 ? { does: 'stall', afterBytes: 65_536 } : html(403)
    }
    const failure = await failureFrom(publish({ ticket, registryId: 'proxied' }))
    expect(failure).toMatchObject({ kind: 'proxy-refused', status: 403 })
    expect(publisher.running()).toBe(0)
    expect(await tagsOf('charts/pair')).toEqual([])
  })

  it.each(['abort', 'close'] as const)('Cancel by %s closes the socket and leaves no tag', async (how) => {
    const name = `cancelled-${how}`
    const ticket = await takeIn(await chartArchive({ name, padding: 4_000_000 }))
    proxy.fault = ({ headers }) =>
      Number(headers['content-length']) > 100_000 ? { does: 'stall', afterBytes: 65_536 } : undefined
    const reached = proxy.reached(
      ({ bytes, headers }) => bytes >= 65_536 && Number(headers['content-length']) > 100_000,
    )
    const cancel = new AbortController()
    const running = publisher.start(
      { ticket, registryId: 'proxied', path: 'charts', mode: 'streamed' },
      cancel.signal,
    )
    const reading = drain(running).then(
      () => 'closed',
      (error: { failure: Failure }) => error.failure.kind,
    )
    const body = await reached
    expect(publisher.running()).toBe(1)
    if (how === 'abort') cancel.abort()
    else void running.return({} as PublishResult)
    expect(await reading).toBe(how === 'abort' ? 'cancelled' : 'closed')
    body.release()
    await body.closed
    expect(publisher.running()).toBe(0)
    expect(await tagsOf(`charts/${name}`)).toEqual([])
    expect(await intake.inspect(ticket)).toMatchObject({ metadata: { name } })
  })

  it('a reader that stops reading ends it', async () => {
    const ticket = await takeIn(await chartArchive({ name: 'unread', padding: 1_000_000 }))
    const running = publisher.start({ ticket, registryId: 'open', path: 'charts', mode: 'auto' })
    await running.next()
    expect(publisher.running()).toBe(1)
    await running.return({} as PublishResult)
    expect(publisher.running()).toBe(0)
    expect(await tagsOf('charts/unread')).toEqual([])
  })

  it.each(['HEAD', 'GET'])('a registry that gives back another manifest by %s is caught', async (asked) => {
    let written = false
    proxy.rewrite = (head, { method, path }) => {
      if (!path.includes('/manifests/')) return
      if (method === 'PUT') written = true
      else if (!written) return
      else if (method === asked) head.headers['docker-content-digest'] = `sha256:${'0'.repeat(64)}`
      else delete head.headers['docker-content-digest']
    }
    const ticket = await takeIn(await chartArchive({ name: `other-${asked.toLowerCase()}` }))
    const failure = await failureFrom(publish({ ticket, registryId: 'proxied' }))
    expect(failure).toMatchObject({ kind: 'digest-mismatch', phase: 'verify' })
  })

  it('a name that no registry takes is refused before anything is sent', async () => {
    const failure = await failureFrom(
      publish({ ticket: await takeIn(await chartArchive({ name: 'Upper' })), registryId: 'proxied' }),
    )
    expect(failure).toMatchObject({ kind: 'reference-invalid', phase: 'input' })
    expect(proxy.seen).toHaveLength(0)
  })

  it('a ticket that is not held is a Failure', async () => {
    expect((await failureFrom(publish({ ticket: 'none' }))).kind).toBe('no-such-item')
    expect(publisher.running()).toBe(0)
  })

  it('a wrong password is told by the registry', async () => {
    clients.set(
      'wrong',
      createRegistryClient({
        transport,
        url: guarded.url,
        credential: { source: 'password', username: 'captain', password: 'wrong' },
      }),
    )
    const failure = await failureFrom(
      publish({ ticket: await takeIn(await chartArchive()), registryId: 'wrong' }),
    )
    expect(failure).toMatchObject({ kind: 'unauthorized', answeredBy: 'registry' })
  })
})
