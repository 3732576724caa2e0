import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { createFixedTags } from '../../electron/charts/fixed-tags.ts'
import { createIntake, type Intake } from '../../electron/charts/intake.ts'
import { createPublisher, type Publisher } from '../../electron/charts/publisher.ts'
import { type EmbeddedRegistry, startEmbeddedRegistry } from '../../electron/demo/registry.ts'
import { createRegistryClient, type RegistryClient } from '../../electron/oci/client.ts'
import { createTransport } from '../../electron/oci/transport.ts'
import { createUploadMemory } from '../../electron/oci/upload/memory.ts'
import { FailureError } from '../../shared/model/failure.ts'
import type { PublishResult } from '../../shared/model/upload.ts'
import { chartArchive } from '../fakes/charts.ts'
import { type FaultProxy, startFaultProxy } from '../fakes/fault-proxy.ts'

const clock = { now: Date.now }
const transport = createTransport({ record: () => undefined, clock })
let directory: string
let registry: EmbeddedRegistry
let proxy: FaultProxy
let client: RegistryClient
let intake: Intake
let publisher: Publisher

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'chartroom-overwrite-'))
  registry = await startEmbeddedRegistry({})
  proxy = await startFaultProxy(registry.url)
  client = createRegistryClient({ transport, url: proxy.url, credential: undefined })
  intake = createIntake({ directory })
  publisher = createPublisher({
    intake,
    clientOf: async () => client,
    clock,
    memory: createUploadMemory({ directory, clock }),
    bufferBytes: async () => 256 * 1024 * 1024,
    fixedTags: createFixedTags(),
  })
})
afterAll(async () => {
  await intake.close()
  await transport.close()
  await proxy.stop()
  await registry.stop()
  await rm(directory, { recursive: true, force: true })
})
beforeEach(() => {
  proxy.inflict()
})

/** A chart of that name; each has other bytes. */
async function chartOf(name: string): Promise<string> {
  const bytes = await chartArchive({ name, padding: 100 })
  return intake.accept(
    'chart.tgz',
    (async function* () {
      yield bytes
    })(),
  )
}

async function publish(ticket: string, overwrite?: string, by = publisher): Promise<PublishResult> {
  const input = { ticket, registryId: 'lab', path: 'charts', mode: 'auto' as const, overwrite }
  const running = by.start(input)
  let step = await running.next()
  while (step.done !== true) step = await running.next()
  return step.value
}

async function failureOf(work: Promise<unknown>) {
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  return error instanceof FailureError ? error.failure : error
}

const digestOf = async (name: string) => (await client.headManifest(`charts/${name}`, '1.0.0'))?.digest

test('other content under the tag is left alone, and the failure names both digests', async () => {
  const { digest } = await publish(await chartOf('kept'))
  proxy.seen.length = 0
  const failure = await failureOf(publish(await chartOf('kept')))
  expect(failure).toMatchObject({
    kind: 'conflict',
    phase: 'manifest',
    answeredBy: 'chartroom',
    next: ['choose-another-tag', 'overwrite'],
    evidence: [{ fact: 'expected' }, { fact: 'actual', value: digest }],
  })
  // the other manifest is read, for it might be of the same chart
  expect(proxy.seen.map(({ method }) => method)).toEqual(['HEAD', 'HEAD', 'GET'])
  expect(await digestOf('kept')).toBe(digest)
})

test('it is replaced where its digest is named', async () => {
  const before = await publish(await chartOf('replaced'))
  const after = await publish(await chartOf('replaced'), before.digest)
  expect(after.digest).not.toBe(before.digest)
  expect(await digestOf('replaced')).toBe(after.digest)
})

test('the guard holds too where a HEAD names no digest', async () => {
  const { digest } = await publish(await chartOf('unnamed'))
  proxy.rewrite = (head, { method }) => {
    if (method === 'HEAD') delete head.headers['docker-content-digest']
  }
  expect(await failureOf(publish(await chartOf('unnamed')))).toMatchObject({
    kind: 'conflict',
    evidence: [{ fact: 'expected' }, { fact: 'actual', value: digest }],
  })
})

test('what was to be replaced is not replaced when somebody else was faster', async () => {
  const first = await publish(await chartOf('raced'))
  const second = await publish(await chartOf('raced'), first.digest)
  const failure = await failureOf(publish(await chartOf('raced'), first.digest))
  expect(failure).toMatchObject({
    kind: 'conflict',
    evidence: [
      { fact: 'expected', value: first.digest },
      { fact: 'actual', value: second.digest },
    ],
  })
  expect(await digestOf('raced')).toBe(second.digest)
})

test('a tag that was free and is taken while a long upload runs is left to who was faster', async () => {
  let now = 1_000_000
  let isFirst = true
  let other: PublishResult | undefined
  const slow: RegistryClient = {
    ...client,
    transport: {
      ...client.transport,
      send: async (ask) => {
        if (ask.phase === 'upload-session' && isFirst) {
          isFirst = false
          other = await publish(await chartOf('overtaken'))
          now += 60_000
        }
        return client.transport.send(ask)
      },
    },
  }
  const late = createPublisher({
    intake,
    clientOf: async () => slow,
    clock: { now: () => now },
    memory: createUploadMemory({ directory, clock }),
    bufferBytes: async () => 256 * 1024 * 1024,
    fixedTags: createFixedTags(),
  })
  const failure = await failureOf(publish(await chartOf('overtaken'), undefined, late))
  expect(failure).toMatchObject({ kind: 'conflict', next: ['choose-another-tag', 'overwrite'] })
  expect(await digestOf('overtaken')).toBe(other?.digest)
})

test('what was to be replaced and is gone stands in nobody’s way', async () => {
  const first = await publish(await chartOf('gone'))
  await client.deleteManifest('charts/gone', first.digest)
  const second = await publish(await chartOf('gone'), first.digest)
  expect(await digestOf('gone')).toBe(second.digest)
})
