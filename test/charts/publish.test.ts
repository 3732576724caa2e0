import { readFile, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Intake, createIntake } from '../../electron/charts/intake.ts'
import { createPublisher, type Publisher } from '../../electron/charts/publisher.ts'
import { createRegistryClient, type RegistryClient } from '../../electron/oci/client.ts'
import { createTransport } from '../../electron/oci/transport.ts'
import type { PublishEvent, PublishInput, PublishResult } from '../../shared/model/upload.ts'
import { helmLines } from '../../shared/model/chart.ts'
import type { Failure } from '../../shared/model/failure.ts'
import { parseReference } from '../../shared/model/reference.ts'
import { chartArchive } from '../fakes/charts.ts'
import { type Fault, startUploadProxy, type UploadProxy, vsphere } from '../fakes/upload-faults.ts'
import { type DockerRegistry, startDockerRegistry } from '../lab/docker-registry.ts'
import { type Helm, openHelm } from '../lab/helm.ts'

const clock = { now: Date.now }
const credential = { username: 'captain', password: 'a secret: with colon' }
const transport = createTransport({ record: () => undefined, clock })
let helm: Helm
let open: DockerRegistry
let guarded: DockerRegistry
let proxy: UploadProxy
let intake: Intake
let publisher: Publisher
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
  proxy = await startUploadProxy(open.url)
  clients.set('proxied', createRegistryClient({ transport, url: proxy.url, credential: undefined }))
  intake = createIntake({ directory: join(helm.directory, 'profile') })
  publisher = createPublisher({ intake, clientOf: async (id) => clientOf(id), clock })
})
afterAll(async () => {
  await intake.close()
  await transport.close()
  await proxy.stop()
  await Promise.all([open.stop(), guarded.stop()])
  await helm.close()
})

beforeEach(() => {
  proxy.seen.length = 0
  proxy.fault = () => undefined
  proxy.rewrite = () => undefined
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
  it.each(['buffered', 'streamed'] as const)('%s, comes back byte-equal through helm pull', async (mode) => {
    const name = `cart-${mode}`
    const bytes = await chartArchive({ name, version: '1.2.3', padding: 3_000_000 })
    const { events, result } = await publish({ ticket: await takeIn(bytes), mode })
    const { host } = new URL(open.url)
    const reference = `${host}/charts/${name}:1.2.3`
    expect(result).toMatchObject({ reference, mode, skipped: 0, version: '1.2.3', plainHttp: true })
    const blob = mode === 'buffered' ? ['POST 202', 'PUT 201'] : ['POST 202', 'PATCH 202', 'PUT 201']
    const verified = ['GET 200', 'HEAD 200', 'HEAD 200']
    expect(requestsOf(events)).toEqual(['HEAD 404', ...blob, 'HEAD 404', ...blob, 'PUT 201', ...verified])
    const { pull, install } = helmLines(parseReference(reference), result.version, result.plainHttp)
    await helm.run(pull.split(' ').slice(1))
    expect((await readFile(join(helm.directory, `${name}-1.2.3.tgz`))).equals(bytes)).toBe(true)
    await helm.run([...install.split(' ').slice(1), '--dry-run=client'])
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
    expect(second.result).toEqual({ ...first.result, skipped: 2 })
    expect(requestsOf(second.events)).toEqual([
      'HEAD 200',
      'HEAD 200',
      'PUT 201',
      'GET 200',
      'HEAD 200',
      'HEAD 200',
    ])
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
    const bytes = await chartArchive({ name: 'counted', padding: 500_000 })
    const { events, result } = await publish({ ticket: await takeIn(bytes), mode: 'streamed' })
    const progress = events.filter((event) => event.type === 'progress')
    expect(progress.at(-1)?.sent).toBe(progress.at(-1)?.total)
    expect(progress.at(-1)?.total).toBeGreaterThan(bytes.length)
    expect(result.size).toBeGreaterThan(progress.at(-1)?.total ?? 0)
    const steps = events.flatMap((event) =>
      event.type === 'step' ? [`${event.step} ${event.blob ?? ''}`.trim()] : [],
    )
    const of = (blob: string) => ['check', 'session', 'body', 'commit'].map((step) => `${step} ${blob}`)
    expect(steps).toEqual([...of('config'), ...of('chart'), 'manifest', 'verify'])
  })
})

describe('a publication that fails', () => {
  const html = (status: number, afterBytes = 0): Fault => ({
    kind: 'answer',
    status,
    type: 'text/html',
    body: `<html><body><h1>${status}</h1></body></html>`,
    afterBytes,
  })

  it.each([
    [400, { kind: 'body-refused', answeredBy: 'proxy', next: ['use-buffered', 'ask-proxy-admin'] }],
    [413, { kind: 'too-large', answeredBy: 'proxy', next: ['raise-proxy-limit', 'ask-proxy-admin'] }],
  ])('an HTML %i in the middle of the chart leaves the ticket and what was sent', async (status, verdict) => {
    const ticket = await takeIn(await chartArchive({ name: `refused-${status}`, padding: 400_000 }))
    proxy.fault = ({ method, headers }) =>
      method === 'PATCH' && Number(headers['content-length']) > 100_000 ? html(status, 100_000) : undefined
    const failure = await failureFrom(publish({ ticket, registryId: 'proxied', mode: 'streamed' }))
    expect(failure).toMatchObject({ ...verdict, status, phase: 'upload-body' })
    expect(await tagsOf(`charts/refused-${status}`)).toEqual([])
    proxy.fault = () => undefined
    const { result } = await publish({ ticket, registryId: 'proxied', mode: 'streamed' })
    expect(result.skipped).toBe(1)
  })

  it('behind a network that breaks streams recovers in auto, and helm reads the result', async () => {
    proxy.fault = vsphere
    const bytes = await chartArchive({ name: 'vsphere', padding: 400_000 })
    const streaming = createPublisher({
      intake,
      clientOf: async (id) => clientOf(id),
      clock,
      bufferLimit: 1000,
    })
    const { events, result } = await publish(
      { ticket: await takeIn(bytes), registryId: 'proxied', mode: 'auto' },
      streaming,
    )
    expect(result.mode).toBe('buffered')
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'fallback', from: 'streamed', to: 'buffered' }),
    )
    await helm.run(['pull', `oci://${new URL(open.url).host}/charts/vsphere`, '--plain-http'])
    expect((await readFile(join(helm.directory, 'vsphere-1.0.0.tgz'))).equals(bytes)).toBe(true)
  })

  it.each(['abort', 'close'] as const)('Cancel by %s closes the socket and leaves no tag', async (how) => {
    const name = `cancelled-${how}`
    const ticket = await takeIn(await chartArchive({ name, padding: 4_000_000 }))
    proxy.fault = ({ headers }) =>
      Number(headers['content-length']) > 100_000 ? { kind: 'hang', afterBytes: 65_536 } : undefined
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
    expect((await intake.inspect(ticket)).metadata.name).toBe(name)
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

  it('a registry that gives back another manifest is caught', async () => {
    proxy.rewrite = (head, { method, path }) => {
      if (method === 'GET' && path.includes('/manifests/')) {
        head.headers['docker-content-digest'] = `sha256:${'0'.repeat(64)}`
      }
    }
    const ticket = await takeIn(await chartArchive({ name: 'other' }))
    const failure = await failureFrom(publish({ ticket, registryId: 'proxied' }))
    expect(failure).toMatchObject({ kind: 'digest-mismatch', phase: 'verify' })
  })

  it('a registry that lost a blob is caught', async () => {
    let heads = 0
    proxy.rewrite = (head, { method, path }) => {
      if (method === 'HEAD' && path.includes('/blobs/')) heads += 1
      if (heads === 4) head.status = 404
    }
    const ticket = await takeIn(await chartArchive({ name: 'lost' }))
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
