import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { strategySchema } from '../../shared/model/upload.ts'
import { type FaultProxy, type Seen, startFaultProxy } from '../fakes/fault-proxy.ts'
import { bodyTooLarge, carriesBody, stallAfter, vsphere } from '../fakes/faults.ts'
import { type DockerRegistry, startDockerRegistry } from '../lab/docker-registry.ts'
import { type Machine, createMachine } from './run-cli.ts'

const isLarge = ({ headers }: Seen) => Number(headers['content-length'] ?? 0) > 1024 * 1024
let registry: DockerRegistry
let proxy: FaultProxy
let machine: Machine

beforeAll(async () => {
  machine = await createMachine()
  registry = await startDockerRegistry()
  proxy = await startFaultProxy(registry.url)
})
afterAll(async () => {
  await proxy.stop()
  await registry.stop()
  await machine.close()
})
beforeEach(() => proxy.inflict())

test('tries every shape on both routes, says each on stderr, and recommends one', async () => {
  const args = ['check-path', '--registry', registry.url, '--sizes', '1KiB,64KiB', '--json']
  const { code, answers, stderr } = await machine.run(args)
  expect(answers).toEqual([
    {
      results: ['direct', 'relay'].flatMap((route) =>
        strategySchema.options.flatMap((strategy) =>
          [1024, 65536].map((bytes) => ({
            route,
            strategy,
            bytes,
            ok: true,
            milliseconds: expect.any(Number) as number,
            leftBehind: false,
          })),
        ),
      ),
      complete: true,
      recommended: {
        strategy: 'buffered',
        route: 'direct',
        bytes: 65536,
        reason: expect.stringContaining('auto may stay') as string,
      },
    },
  ])
  expect(code).toBe(0)
  expect(stderr.match(/^relay chunked 64 KiB: passed in \d+ ms$/m)).not.toBeNull()
  expect(await machine.leftovers()).toEqual([])
})

test('a network that refuses streams: green, for buffered carries everything; the ticket says who answered', async () => {
  proxy.inflict(vsphere)
  const options = ['--routes', 'direct', '--sizes', '1024', '--repository', 'shop/scratch', '--markdown']
  const { code, answers } = await machine.run(['check-path', '--registry', proxy.url, ...options])
  expect(answers).toMatchObject([{ recommended: { strategy: 'buffered', route: 'direct' }, complete: true }])
  expect(answers[0]?.['markdown']).toMatch(/^# Upload path to /)
  expect(answers[0]?.['markdown']).toContain('- answered by: proxy')
  expect(proxy.seen.every(({ path }) => path.startsWith('/v2/shop/scratch/'))).toBe(true)
  expect(code).toBe(0)
})

test('a size that nothing carries makes it red, with what is the best there is', async () => {
  proxy.inflict(bodyTooLarge(10_000))
  const options = ['--routes', 'direct', '--strategies', 'buffered,streamed-put', '--sizes', '1KiB,64KiB']
  const { code, answers } = await machine.run(['check-path', '--registry', proxy.url, ...options])
  expect(answers).toMatchObject([{ recommended: { strategy: 'buffered', bytes: 1024 }, complete: false }])
  expect(answers[0]).not.toHaveProperty('markdown')
  expect(code).toBe(1)
})

test('a host that is not there is one failure, and red', async () => {
  const { code, answers } = await machine.run(['check-path', '--registry', 'http://127.0.0.1:1'])
  expect(answers).toMatchObject([{ results: [{ ok: false, failure: { kind: 'refused' } }] }])
  expect(answers[0]).not.toHaveProperty('recommended')
  expect(code).toBe(1)
})

test('an interrupt ends it at once, and the answer has what was known by then', async () => {
  proxy.inflict({ ...stallAfter(1024), strikes: (seen) => carriesBody(seen) && isLarge(seen) })
  const options = ['--routes', 'direct', '--strategies', 'buffered', '--sizes', '1KiB,5MiB']
  const stalled = proxy.reached(isLarge)
  const run = machine.interrupt(['check-path', '--registry', proxy.url, ...options], 'SIGINT', stalled)
  void stalled.then(({ release }) => release())
  const { code, answers } = await run
  expect(answers).toMatchObject([{ results: [{ ok: true }], failure: { kind: 'cancelled' } }])
  expect(code).toBe(1)
  expect(await machine.leftovers()).toEqual([])
})

test('a repository that is none is a failure in the answer', async () => {
  const args = ['check-path', '--registry', registry.url, '--repository', 'UPPER']
  const { code, answers } = await machine.run(args)
  expect(answers).toMatchObject([{ results: [], failure: { kind: 'input-invalid' } }])
  expect(code).toBe(1)
})

test.each([
  ['no registry', []],
  ['a size that is none', ['--registry', 'http://127.0.0.1:1', '--sizes', '1KB']],
  ['a route that is none', ['--registry', 'http://127.0.0.1:1', '--routes', 'direct,tunnel']],
  ['a shape that is none', ['--registry', 'http://127.0.0.1:1', '--strategies', '']],
])('%s does not hold', async (_, options) => {
  const { code, answers, stderr } = await machine.run(['check-path', ...options])
  expect(code).toBe(2)
  expect(answers).toEqual([])
  expect(stderr).toContain('check-path --registry URL')
})
