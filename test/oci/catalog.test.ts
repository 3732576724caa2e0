import type { ServerResponse } from 'node:http'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Transport } from '../../electron/oci/ask.ts'
import { createRegistryClient } from '../../electron/oci/client.ts'
import { nextPage } from '../../electron/oci/link.ts'
import { createTransport } from '../../electron/oci/transport.ts'
import { failureIn } from '../fakes/failure-in.ts'
import { type ScriptedHttp, type Seen, startScriptedHttp } from '../fakes/scripted-http.ts'

let transport: Transport
let server: ScriptedHttp
let answer: (request: Seen, response: ServerResponse) => void

beforeEach(async () => {
  transport = createTransport({ record: () => undefined, clock: { now: Date.now } })
  server = await startScriptedHttp((request, response) => answer(request, response))
})
afterEach(async () => {
  await transport.close()
  await server.stop()
})

/** Five pages of two names each; `linkTo` writes the Link of page `page`. */
const fivePages =
  (linkTo: (page: number, request: Seen) => string): typeof answer =>
  (request, response) => {
    const page = Number(request.url.searchParams.get('page') ?? 1)
    if (page < 5) response.setHeader('link', linkTo(page + 1, request))
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ repositories: [`r${page}a`, `r${page}b`] }))
  }

async function walk() {
  const pages: string[][] = []
  const names = createRegistryClient({ transport, url: server.url, credential: undefined }).repositories()
  for (;;) {
    const step = await names.next()
    if (step.done === true) return { pages, total: step.value }
    pages.push(step.value.names)
  }
}

test('relative links are followed to the end', async () => {
  answer = fivePages((page) => `</v2/_catalog?n=2&page=${page}>; rel="next"`)
  const { pages, total } = await walk()
  expect(pages.flat()).toEqual(['r1a', 'r1b', 'r2a', 'r2b', 'r3a', 'r3b', 'r4a', 'r4b', 'r5a', 'r5b'])
  expect(total).toEqual({ count: 10, pages: 5, complete: true })
  expect(server.seen[0]?.path).toBe('/v2/_catalog?n=1000')
})

test('absolute links on the same host are followed, among others', async () => {
  answer = fivePages(
    (page, { headers }) =>
      `<http://${headers.host}/v2/_catalog?page=1>; rel="prev", <http://${headers.host}/v2/_catalog?page=${page}>; title="a, b"; rel=next`,
  )
  expect((await walk()).total).toEqual({ count: 10, pages: 5, complete: true })
})

test('links that lead in a circle end in a Failure', async () => {
  answer = fivePages((page) => `</v2/_catalog?page=${page === 4 ? 2 : page}>; rel="next"`)
  expect(await failureIn(walk())).toMatchObject({ kind: 'answer-invalid', phase: 'catalog' })
  expect(server.seen).toHaveLength(3)
})

test('a link to another host is refused', async () => {
  answer = fivePages(() => '<http://elsewhere.invalid/v2/_catalog?page=2>; rel="next"')
  expect(await failureIn(walk())).toMatchObject({
    kind: 'redirect-refused',
    evidence: [{ fact: 'location', value: 'elsewhere.invalid' }],
  })
})

test('a page size that is refused is left out', async () => {
  answer = ({ url }, response) => {
    response.setHeader('content-type', 'application/json')
    if (url.searchParams.has('n')) {
      response.writeHead(400).end('{"errors":[{"code":"PAGINATION_NUMBER_INVALID"}]}')
    } else response.end('{"repositories":["a"]}')
  }
  expect((await walk()).total).toEqual({ count: 1, pages: 1, complete: true })
  expect(server.seen.map(({ path }) => path)).toEqual(['/v2/_catalog?n=1000', '/v2/_catalog'])
})

test('a repository without tags has none', async () => {
  answer = (_, response) => response.end('{"name":"a","tags":null}')
  const client = createRegistryClient({ transport, url: server.url, credential: undefined })
  expect(await client.tags('a').next()).toEqual({ done: false, value: { names: [] } })
})

test('a page that is no list is a Failure', async () => {
  answer = (_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>hello</html>')
  expect(await failureIn(walk())).toMatchObject({ kind: 'not-a-registry', answeredBy: 'server' })
  answer = (_, response) => response.end('{"repositories":[1,2]}')
  expect(await failureIn(walk())).toMatchObject({ kind: 'answer-invalid' })
})

test('a link keeps the scheme the registry is asked in, as behind a TLS proxy', () => {
  expect(nextPage('<http://r.invalid/v2/x?last=b>; rel="next"', 'https://r.invalid/v2/x', 'tags')).toBe(
    'https://r.invalid/v2/x?last=b',
  )
  expect(nextPage('</v2/x>; rel="previous"', 'https://r.invalid/v2/x', 'tags')).toBeUndefined()
  expect(nextPage(undefined, 'https://r.invalid/v2/x', 'tags')).toBeUndefined()
})

test('a list without a link is the whole list, of tags too', async () => {
  answer = (_, response) => response.end('{"name":"a","tags":["one","two"]}')
  const tags = createRegistryClient({ transport, url: server.url, credential: undefined }).tags('a')
  expect(await tags.next()).toEqual({ done: false, value: { names: ['one', 'two'] } })
  expect(await tags.next()).toEqual({ done: true, value: { count: 2, pages: 1, complete: true } })
  expect(server.seen.map(({ path }) => path)).toEqual(['/v2/a/tags/list?n=1000'])
})

test('a link to another port is refused before anything is sent there', async () => {
  const elsewhere = await startScriptedHttp((_, response) => response.end('{"repositories":[]}'))
  answer = fivePages(() => `<${elsewhere.url}/v2/_catalog?page=2>; rel="next"`)
  expect((await failureIn(walk())).kind).toBe('redirect-refused')
  expect(elsewhere.seen).toEqual([])
  await elsewhere.stop()
})
