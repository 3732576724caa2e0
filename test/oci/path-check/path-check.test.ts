import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createRegistryClient, type RegistryClient } from '../../../electron/oci/client.ts'
import { checkPath, type PathCheckJob } from '../../../electron/oci/path-check/path-check.ts'
import { createTransport } from '../../../electron/oci/transport.ts'
import { createUploadMemory } from '../../../electron/oci/upload/memory.ts'
import { type Relay, startRelay } from '../../../electron/relay/relay.ts'
import type { Exchange } from '../../../shared/model/exchange.ts'
import type { PathCheckReport, PathCheckResult } from '../../../shared/model/path-check.ts'
import { strategySchema } from '../../../shared/model/upload.ts'
import { failureIn } from '../../fakes/failure-in.ts'
import { type Fault, type FaultProxy, startFaultProxy } from '../../fakes/fault-proxy.ts'
import {
  badGateway,
  bodyTooLarge,
  carriesBody,
  losesAnswer,
  registryAnswer,
  stallAfter,
  vsphere,
} from '../../fakes/faults.ts'
import { closedPort } from '../../fakes/mirror.ts'
import { type DockerRegistry, startDockerRegistry } from '../../lab/docker-registry.ts'

const KiB = 1024
const repository = 'scratch/path'
const credential = { username: 'captain', password: 'secret' }
const clock = { now: Date.now }
const exchanges: Exchange[] = []
const transport = createTransport({ record: (exchange) => exchanges.push(exchange), clock })
let registry: DockerRegistry
let proxy: FaultProxy
let relay: Relay

beforeAll(async () => {
  registry = await startDockerRegistry({ htpasswd: credential })
  proxy = await startFaultProxy(registry.url)
  const { hostname, port } = new URL(registry.url)
  relay = await startRelay({ host: hostname, port: Number(port) })
})
afterAll(async () => {
  await transport.close()
  await relay.stop()
  await proxy.stop()
  await registry.stop()
})
beforeEach(() => {
  proxy.inflict()
  exchanges.length = 0
})

function clientAt(url: string, password = credential.password): RegistryClient {
  return createRegistryClient({
    transport,
    url,
    credential: { source: 'password', username: credential.username, password },
  })
}

function jobOf(more: Partial<PathCheckJob> = {}): PathCheckJob {
  return {
    clientFor: async (route) => clientAt(route === 'direct' ? proxy.url : `http://${relay.address}`),
    repository,
    routes: ['direct'],
    strategies: strategySchema.options,
    bytes: [KiB, 64 * KiB],
    signal: new AbortController().signal,
    clock,
    ...more,
  }
}

async function check(job: PathCheckJob): Promise<{ told: PathCheckResult[]; report: PathCheckReport }> {
  const told: PathCheckResult[] = []
  const run = checkPath(job)
  let step = await run.next()
  for (; step.done !== true; step = await run.next()) told.push(step.value)
  return { told, report: step.value }
}

const cells = ({ results }: PathCheckReport) =>
  results.map(
    ({ route, strategy, bytes, ok }) => `${route} ${strategy} ${bytes / KiB} ${ok ? 'ok' : 'failed'}`,
  )

/** Blobs that were sent and are still in the registry. */
async function kept(): Promise<string[]> {
  const digests = exchanges.flatMap(({ method, url }) =>
    method === 'HEAD' ? [url.slice(url.indexOf('sha256:'))] : [],
  )
  const client = clientAt(registry.url)
  const found = await Promise.all(
    digests.map(async (digest) =>
      (await client.headBlob(repository, digest)) === undefined ? [] : [digest],
    ),
  )
  return found.flat()
}

describe('a way that lets everything pass', () => {
  test('every cell passes on both routes, and nothing stays in the registry', async () => {
    const { told, report } = await check(jobOf({ routes: ['direct', 'relay'], bytes: [64 * KiB, KiB, KiB] }))
    const expected = ['direct', 'relay'].flatMap((route) =>
      strategySchema.options.flatMap((strategy) => [
        `${route} ${strategy} 1 ok`,
        `${route} ${strategy} 64 ok`,
      ]),
    )
    expect(cells(report)).toEqual(expected)
    expect(told).toEqual(report.results)
    expect(told.some(({ leftBehind }) => leftBehind)).toBe(false)
    expect(await kept()).toEqual([])
    expect(report).toMatchObject({
      repository,
      url: proxy.url,
      complete: true,
      recommended: { strategy: 'buffered', route: 'direct', bytes: 64 * KiB },
    })
    expect(report.recommended?.reason).toContain('auto may stay')
    expect(relay.counts().bytesToRegistry).toBeGreaterThan(4 * 65 * KiB)
  })

  test('a registry that deletes nothing is asked once, and the results say what stays behind', async () => {
    proxy.inflict({
      strikes: ({ method, path }) => method === 'DELETE' && path.includes('/blobs/sha256:'),
      does: registryAnswer('405 Method Not Allowed', 'UNSUPPORTED'),
    })
    const { report } = await check(jobOf({ strategies: ['buffered', 'streamed-patch'], bytes: [KiB] }))
    expect(report.results).toMatchObject([
      { ok: true, leftBehind: true },
      { ok: true, leftBehind: true },
    ])
    expect(proxy.seen.filter(({ method }) => method === 'DELETE')).toHaveLength(1)
    expect(report.markdown).toContain('did not let go of 2 of the blobs (2 KiB)')
  })
})

describe('a way that refuses', () => {
  test('PATCH by a 400 that is not the registry’s, as on vSphere: buffered is recommended', async () => {
    proxy.inflict(vsphere)
    const { report } = await check(jobOf())
    expect(cells(report)).toEqual([
      'direct buffered 1 ok',
      'direct buffered 64 ok',
      'direct streamed-put 1 ok',
      'direct streamed-put 64 ok',
      'direct streamed-patch 1 failed',
      'direct chunked 1 failed',
    ])
    expect(report.results[4]?.failure).toMatchObject({
      kind: 'body-refused',
      status: 400,
      answeredBy: 'proxy',
    })
    expect(report).toMatchObject({ complete: true, recommended: { strategy: 'buffered', route: 'direct' } })
    expect(report.recommended?.reason).toContain('streamed-patch and chunked got HTTP 400')
    expect(await kept()).toEqual([])
  })

  test('everything straight: the relay is recommended', async () => {
    proxy.inflict(badGateway)
    const { report } = await check(jobOf({ routes: ['direct', 'relay'], bytes: [KiB] }))
    expect(report).toMatchObject({ complete: true, recommended: { strategy: 'buffered', route: 'relay' } })
    expect(report.recommended?.reason).toContain('Only the relay helps')
  })

  test('large bodies: chunks are recommended where they pass below the limit', async () => {
    proxy.inflict(bodyTooLarge(2 * 1024 * KiB))
    const { report } = await check(jobOf({ bytes: [KiB, 5 * 1024 * KiB] }))
    expect(cells(report)).toEqual([
      'direct buffered 1 ok',
      'direct buffered 5120 failed',
      'direct streamed-put 1 ok',
      'direct streamed-put 5120 failed',
      'direct streamed-patch 1 ok',
      'direct streamed-patch 5120 failed',
      'direct chunked 1 ok',
      'direct chunked 5120 ok',
    ])
    expect(report).toMatchObject({ complete: true, recommended: { strategy: 'chunked', bytes: 5120 * KiB } })
  })

  test('large bodies in any shape: the limit is said to lie between two sizes', async () => {
    proxy.inflict(bodyTooLarge(100 * KiB))
    const { report } = await check(jobOf({ bytes: [64 * KiB, 1024 * KiB] }))
    expect(report).toMatchObject({
      complete: false,
      recommended: { strategy: 'buffered', route: 'direct', bytes: 64 * KiB },
    })
    expect(report.recommended?.reason).toMatch(/HTTP 413 .*between 64 KiB and 1 MiB/)
  })

  test('what was stored though the answer got lost, or said the contrary, is deleted', async () => {
    const broken: Fault = {
      strikes: carriesBody,
      does: { rewrite: (head) => (head.status = 500) },
    }
    for (const [fault, outcome] of [
      [losesAnswer, { ok: true, leftBehind: false }],
      [broken, { ok: false, leftBehind: false, failure: { kind: 'server-fault' } }],
    ] as const) {
      proxy.inflict(fault)
      const { report } = await check(jobOf({ strategies: ['buffered'], bytes: [KiB] }))
      expect(report.results).toMatchObject([outcome])
      expect(
        proxy.seen.filter(({ method, path }) => method === 'DELETE' && path.includes('sha256')),
      ).toHaveLength(1)
      expect(await kept()).toEqual([])
    }
  })
})

describe('what is not tried', () => {
  test('nothing more of a host that is not there', async () => {
    const clientFor = async () => clientAt(`http://${closedPort}`)
    const { report } = await check(jobOf({ clientFor, routes: ['direct', 'relay'] }))
    expect(report.results).toMatchObject([{ ok: false, failure: { kind: 'refused' } }])
    expect(report).toMatchObject({ complete: false })
    expect(report).not.toHaveProperty('recommended')
    expect(report.markdown).toContain('**Nothing passed.**')
  })

  test('nothing more where the credential is refused', async () => {
    const clientFor = async () => clientAt(proxy.url, 'wrong')
    const { report } = await check(jobOf({ clientFor, routes: ['direct', 'relay'] }))
    expect(report.results).toMatchObject([{ ok: false, failure: { kind: 'unauthorized' } }])
    expect(JSON.stringify(report)).not.toContain('wrong')
  })

  test('nothing more over a route on which no session can be opened', async () => {
    proxy.inflict({ strikes: ({ method }) => method === 'POST', does: { answer: badGatewayAnswer } })
    const { report } = await check(jobOf({ routes: ['direct', 'relay'], bytes: [KiB] }))
    expect(cells(report)[0]).toBe('direct buffered 1 failed')
    expect(cells(report).slice(1)).toEqual(strategySchema.options.map((shape) => `relay ${shape} 1 ok`))
  })
})

const badGatewayAnswer = {
  status: '502 Bad Gateway',
  headers: { 'content-type': 'text/html' },
  body: '<html></html>',
}

test('a cancel ends the upload under way at once, and the check with it', async () => {
  proxy.inflict(stallAfter(KiB))
  const stop = new AbortController()
  const checking = check(jobOf({ signal: stop.signal, bytes: [1024 * KiB] }))
  const failure = failureIn(checking)
  const stalled = await proxy.reached(({ bytes }) => bytes > 0)
  stop.abort()
  stalled.release()
  await stalled.closed
  expect(await failure).toMatchObject({ kind: 'cancelled' })
})

test('a route that cannot be opened is a failure of the check', async () => {
  const clientFor = () => Promise.reject(new Error('no relay'))
  await expect(check(jobOf({ clientFor }))).rejects.toThrow('no relay')
})

describe('what auto learns from it', () => {
  let directory: string
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'chartroom-path-check-'))
  })
  afterAll(() => rm(directory, { recursive: true, force: true }))

  test('begins with what passed, and forgets once nothing is refused any more', async () => {
    const memory = createUploadMemory({ directory, clock })
    proxy.inflict(vsphere)
    await check(jobOf({ memory, bytes: [KiB] }))
    const learned = await memory.recall(proxy.url)
    expect(learned).toMatchObject({ strategy: 'buffered' })
    expect(learned?.refused.map(({ strategy, bytes }) => [strategy, bytes])).toEqual([
      ['streamed-patch', KiB],
      ['chunked', KiB],
    ])
    proxy.inflict()
    await check(jobOf({ memory, bytes: [KiB] }))
    expect(await memory.recall(proxy.url)).toBeUndefined()
  })
})
