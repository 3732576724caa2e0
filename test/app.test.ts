import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ORPCError } from '@orpc/client'
import { type RouterClient, createRouterClient } from '@orpc/server'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type App, createApp } from '../electron/app.ts'
import type { AppRouter } from '../electron/router.ts'
import { createMemoryVault } from '../electron/vault-memory.ts'
import { version } from '../electron/version.ts'
import { failureSchema } from '../shared/model/failure.ts'
import { chartArchive } from './fakes/charts.ts'
import { type FakeHost, fakeImage, startFakeHost } from './fakes/mirror.ts'

let directory: string
let app: App
let client: RouterClient<AppRouter>
let opened: string[]
let logged: unknown[]
const hosts: FakeHost[] = []

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'chartroom-app-'))
  opened = []
  logged = []
  const note = (...words: unknown[]): void => void logged.push(words)
  app = await createApp({
    directory: join(directory, 'profile'),
    clock: Date,
    vault: createMemoryVault(),
    env: { HOME: directory },
    log: { info: note, warn: note, error: note },
    host: { opensFiles: true, openExternal: async (url) => opened.push(url) > 0 },
  })
  client = createRouterClient(app.router)
})
afterEach(async () => {
  await app.close()
  await Promise.all(hosts.splice(0).map((host) => host.stop()))
  await rm(directory, { recursive: true, force: true })
})

async function fake(answer: Parameters<typeof startFakeHost>[0]): Promise<FakeHost> {
  const host = await startFakeHost(answer)
  hosts.push(host)
  return host
}

async function failureOf(call: Promise<unknown>): Promise<unknown> {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  return error instanceof ORPCError ? failureSchema.parse(error.data) : error
}

/** The next event of a stream; fails the test where the stream has ended. */
async function nextOf<T>(stream: AsyncIterator<T, unknown>): Promise<T> {
  const step = await stream.next()
  if (step.done === true) throw new Error('the stream ended')
  return step.value
}

test('the version that is shown is the package’s', async () => {
  const manifest = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8')) as object
  expect(manifest).toMatchObject({ version })
  expect(await client.host.capabilities()).toEqual({
    version,
    secrets: 'memory',
    demo: false,
    opensFiles: true,
  })
})

test('a new app touches no file and asks nobody', async () => {
  await client.host.capabilities()
  expect(await readdir(directory)).toEqual([])
})

describe('files the system hands over', () => {
  test('wait for the window, and each ticket is handed out once', async () => {
    const chart = join(directory, 'cart-1.0.0.tgz')
    await writeFile(chart, await chartArchive())
    await app.openFiles([chart, join(directory, 'missing.tgz')])
    expect(logged).toHaveLength(1)

    const leave = new AbortController()
    const first = await client.host.openedFiles(undefined, { signal: leave.signal })
    const { tickets, refused } = await nextOf(first)
    expect(tickets).toHaveLength(1)
    expect(refused).toMatchObject([{ fileName: 'missing.tgz', failure: { kind: 'no-such-item' } }])
    expect(await client.publish.inspect({ ticket: tickets[0] ?? '' })).toMatchObject({
      fileName: 'cart-1.0.0.tgz',
      metadata: { name: 'cart', version: '1.0.0' },
    })
    leave.abort()

    const second = await client.host.openedFiles()
    const next = nextOf(second)
    await app.openFiles([chart])
    const { tickets: later } = await next
    expect(later).toHaveLength(1)
    expect(later).not.toEqual(tickets)
    await second.return?.()
  })
})

describe('the demo', () => {
  test('started twice is started once; its registry and agents are labelled and go with it', async () => {
    const [first, second] = await Promise.all([client.host.startDemo(), client.host.startDemo()])
    expect(first).toEqual(second)
    expect(await client.registries.list()).toMatchObject([{ id: first.registryId, demo: true }])
    expect(await client.host.capabilities()).toMatchObject({ demo: true })
    expect(await client.mirrors.sources()).toMatchObject([{ demo: true, settings: { kind: 'agents' } }])

    await client.mirrors.refresh()
    const views = await client.mirrors.watch({ window: { kind: 'start' } })
    const { agents, sources } = await nextOf(views)
    await views.return?.()
    expect(agents.length).toBeGreaterThan(2)
    expect([...agents, ...sources].every(({ demo }) => demo)).toBe(true)

    await client.registries.ping({ id: first.registryId })
    const watch = await client.activity.watch()
    const exchanges = await nextOf(watch)
    expect(exchanges.length).toBeGreaterThan(0)
    expect(exchanges.every(({ demo }) => demo)).toBe(true)
    await watch.return?.()

    expect(await client.host.stopDemo()).toEqual({ stopped: true })
    expect(await client.host.stopDemo()).toEqual({ stopped: false })
    expect(await client.registries.list()).toEqual([])
    expect(await client.mirrors.sources()).toEqual([])
  })
})

describe('a saved credential', () => {
  const image = fakeImage('team/app', '1.0')
  const demandsBasic: Parameters<typeof startFakeHost>[0] = (asked) =>
    asked.headers.authorization === undefined
      ? {
          status: 401,
          headers: { 'www-authenticate': 'Basic realm="lab"', 'content-type': 'application/json' },
          body: '{"errors":[{"code":"UNAUTHORIZED"}]}',
        }
      : image.answer(asked)

  async function verdict(reference: string, registryId: string): Promise<string> {
    const input = { reference, hostsToml: '', registryId }
    const walk = await client.pulls.walk(input)
    let step = await walk.next()
    while (step.done !== true) step = await walk.next()
    return step.value.verdict.kind
  }

  test('goes to the upstream it was saved for and to no other', async () => {
    const own = await fake(demandsBasic)
    const other = await fake(demandsBasic)
    const { id } = await client.registries.add({
      name: 'own',
      url: own.url,
      credential: { source: 'password', username: 'ann', password: 'pa55word' },
    })
    expect(await verdict(`${own.host}/team/app:1.0`, id)).toBe('pull-works')
    await expect(verdict(`${other.host}/team/app:1.0`, id)).rejects.toMatchObject({
      data: { kind: 'input-invalid', message: expect.stringContaining(own.host) },
    })
    expect(other.asked).toEqual([])
    expect(JSON.stringify(await client.registries.list())).not.toContain('pa55word')
    expect((await client.activity.har()).text).not.toContain('pa55word')
  })

  test('does not make the walk of a pull ask again: what it shows is what a node would have met', async () => {
    const busy = await fake((asked) =>
      busy.asked.length === 2 ? { status: 503, headers: {}, body: '' } : demandsBasic(asked),
    )
    const { id } = await client.registries.add({
      name: 'busy',
      url: busy.url,
      credential: { source: 'password', username: 'ann', password: 'pa55word' },
    })
    expect(await verdict(`${busy.host}/team/app:1.0`, id)).not.toBe('pull-works')
    expect(await verdict(`${busy.host}/team/app:1.0`, id)).toBe('pull-works')
  })
})

test('an https address is opened by the host; any other scheme is refused unseen', async () => {
  expect(await client.host.openExternal({ url: 'https://helm.sh/' })).toEqual({ opened: true })
  for (const url of ['http://helm.sh/', 'file:///etc/passwd', 'javascript:alert(1)', 'https:']) {
    await expect(client.host.openExternal({ url })).rejects.toMatchObject({ code: 'BAD_REQUEST' })
  }
  expect(opened).toEqual(['https://helm.sh/'])
})

test('closing cancels what runs and removes files on their way', async () => {
  const asked = Promise.withResolvers<void>()
  const silent = await fake(() => {
    asked.resolve()
    return 'hang'
  })
  const { id } = await client.registries.add({
    name: 'silent',
    url: silent.url,
    credential: { source: 'anonymous' },
  })
  const chart = join(directory, 'cart-1.0.0.tgz')
  await writeFile(chart, await chartArchive())
  await app.openFiles([chart])
  const ping = failureOf(client.registries.ping({ id }))
  await asked.promise
  await app.close()
  expect(await ping).toMatchObject({ kind: 'cancelled' })
  const left = await readdir(join(directory, 'profile', 'intake'), { recursive: true }).catch(() => [])
  expect(left).toEqual([])
  expect(await failureOf(client.registries.list())).toMatchObject({ kind: 'cancelled' })
})
