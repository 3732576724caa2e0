import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { chartArchive } from '../fakes/charts.ts'
import { buildApp, type Desktop, openClient, startDesktop } from './desktop.ts'

let desktop: Desktop
beforeAll(buildApp)
beforeEach(async () => {
  desktop = await startDesktop()
  await desktop.window()
})
afterEach(() => desktop.stop())

const get = (path: string, init?: RequestInit): Promise<Response> =>
  desktop.double.request(`app://chartroom${path}`, init)

function directives(response: Response): Map<string, string[]> {
  const policy = response.headers.get('content-security-policy') ?? ''
  const parts = policy.split(';').map((part) => part.trim().split(' '))
  return new Map(parts.map(([name = '', ...sources]) => [name, sources]))
}

test('the page comes with a policy that runs its own scripts only', async () => {
  const page = await get('/')
  const policy = directives(page)
  expect(policy.get('default-src')).toEqual(["'none'"])
  expect(policy.get('script-src')).toEqual(["'self'"])
  expect(policy.get('connect-src')).toEqual(["'self'"])
  expect(policy.get('frame-ancestors')).toEqual(["'none'"])
  expect([...policy.values()].flat()).not.toContain("'unsafe-inline'")
  expect([...policy.values()].flat()).not.toContain("'unsafe-eval'")
  expect(page.headers.get('x-content-type-options')).toBe('nosniff')
})

test('each page has a nonce of its own, the same in the page and in its policy', async () => {
  const nonces = new Set<string>()
  for (const page of [await get('/'), await get('/index.html')]) {
    const nonce = /name="chartroom-nonce" content="([^"]+)"/.exec(await page.text())?.[1] ?? ''
    expect(directives(page).get('style-src')).toContain(`'nonce-${nonce}'`)
    nonces.add(nonce)
  }
  expect(nonces.size).toBe(2)
})

test('serves every file the page names, with its type', async () => {
  const page = await (await get('/')).text()
  const files = [...page.matchAll(/(?:src|href)="\.?(\/[^"]+)"/g)].map(([, path]) => path ?? '')
  expect(files.length).toBeGreaterThan(0)
  for (const path of files) {
    const answer = await get(path)
    expect(answer.status, path).toBe(200)
    expect(answer.headers.get('content-type'), path).toMatch(/^(text\/(javascript|css)|image\/)/)
  }
})

test.each([
  '/../electron/main.js',
  '/..%2Felectron%2Fmain.js',
  '/%2e%2e/electron/main.js',
  '/assets/..%2f..%2f..%2fpackage.json',
  '/..%5Celectron%5Cmain.js',
  '/%2Fetc%2Fpasswd',
  '//etc/passwd',
  '/assets%00.js',
  '/%E0%A4%A',
  '/assets',
  '/no-such-file.js',
])('%s is not found', async (path) => {
  expect((await get(path)).status).toBe(404)
})

test('a path that leaves the folder is not found even where a file lies', async () => {
  // beside renderer/, as electron/ is
  expect((await get('/..%2Felectron%2Fpreload.cjs')).status).toBe(404)
  expect((await get('/..%2Frenderer%2Findex.html')).status).toBe(200)
})

test('other hosts of the scheme and other methods are not found', async () => {
  expect((await desktop.double.request('app://other/')).status).toBe(404)
  expect((await get('/', { method: 'POST', body: 'x' })).status).toBe(404)
  expect((await get('/intake?name=cart-1.0.0.tgz')).status).toBe(404)
  expect((await get('/intake', { method: 'DELETE' })).status).toBe(404)
})

test('takes a chart in from a stream and gives a ticket that the contract knows', async () => {
  const { client } = await openClient(desktop)
  const body = new Blob([new Uint8Array(await chartArchive({ name: 'cart', version: '1.0.0' }))])
  const answer = await get('/intake?name=cart-1.0.0.tgz', { method: 'POST', body })
  expect(answer.status).toBe(200)
  const { ticket } = (await answer.json()) as { ticket: string }
  expect(await client.publish.inspect({ ticket })).toMatchObject({ fileName: 'cart-1.0.0.tgz' })
})

test.each([
  ['no name', '/intake', 'x'],
  ['an empty name', '/intake?name=', 'x'],
  ['a name without end', `/intake?name=${'a'.repeat(300)}.tgz`, 'x'],
])('refuses a file with %s', async (_case, path, body) => {
  const answer = await get(path, { method: 'POST', body })
  expect(answer.status).toBe(400)
  expect(await answer.json()).toMatchObject({ failure: { kind: 'input-invalid', answeredBy: 'chartroom' } })
})

test('takes nothing in from a page of another origin', async () => {
  const headers = { origin: 'https://chartroom.example' }
  const answer = await get('/intake?name=cart-1.0.0.tgz', { method: 'POST', body: 'x', headers })
  expect(answer.status).toBe(404)
})

test('a body that breaks off is a Failure, and the next file is taken in', async () => {
  const broken = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.error(new Error('the page went away')),
  })
  const init = { method: 'POST', body: broken, duplex: 'half' } as const
  const answer = await get('/intake?name=cart-1.0.0.tgz', init)
  expect(answer.ok).toBe(false)
  expect(await answer.json()).toHaveProperty('failure.kind')
  expect((await get('/intake?name=a.tgz', { method: 'POST', body: 'x' })).status).toBe(200)
})

test('a file that appears beside the page is served, one beside its folder is not', async () => {
  const root = join(desktop.profile, '../dist/app')
  await writeFile(join(root, 'renderer/added.json'), '{}')
  await writeFile(join(root, 'secret.json'), '{}')
  expect((await get('/added.json')).status).toBe(200)
  expect((await get('/..%2fsecret.json')).status).toBe(404)
})

test('a file without a byte is taken in as one and refused when it is read', async () => {
  const { client } = await openClient(desktop)
  const answer = await get('/intake?name=cart-1.0.0.tgz', { method: 'POST', body: null })
  const { ticket } = (await answer.json()) as { ticket: string }
  await expect(client.publish.inspect({ ticket })).rejects.toMatchObject({
    code: 'FAILED',
    data: { kind: 'archive-invalid' },
  })
})
