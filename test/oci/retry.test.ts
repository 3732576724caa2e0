import type { ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Ask, Transport } from '../../electron/oci/ask.ts'
import { createRegistryClient } from '../../electron/oci/client.ts'
import { retrying, retryRules } from '../../electron/oci/retry.ts'
import { createTransport } from '../../electron/oci/transport.ts'
import { failureError } from '../../shared/model/local-failure.ts'
import { failureIn } from '../fakes/failure-in.ts'
import { type ScriptedHttp, type Seen, startScriptedHttp } from '../fakes/scripted-http.ts'

/** What the server does, request by request; the last one again and again. */
type Move = number | 'reset' | 'silence' | { status: number; headers: Record<string, string> }

const base = createTransport({ record: () => undefined, clock: { now: Date.now } })
let moves: Move[]
let server: ScriptedHttp
let now: number
let waits: number[]
let transport: Transport

beforeEach(async () => {
  server = await startScriptedHttp((_request, response) => play(moves, response))
  now = Date.parse('2026-11-22T08:00:00Z')
  waits = []
  transport = retrying(base, {
    clock: { now: () => now },
    random: () => 0.5,
    wait: (milliseconds, signal) => {
      signal?.throwIfAborted()
      waits.push(milliseconds)
      now += milliseconds
      return Promise.resolve()
    },
  })
})
afterEach(() => server.stop())
afterAll(() => base.close())

function play(left: Move[], response: ServerResponse): void {
  const move = (left.length > 1 ? left.shift() : left[0]) ?? 200
  if (move === 'silence') return
  if (move === 'reset') response.socket?.resetAndDestroy()
  else if (typeof move === 'number') response.writeHead(move).end()
  else response.writeHead(move.status, move.headers).end()
}

const askOf = (method: Ask['method'], path: string, more: Partial<Ask> = {}): Ask => ({
  method,
  url: new URL(path, server.url).toString(),
  phase: 'manifest',
  role: 'registry',
  maxBytes: 1000,
  ...more,
})
const digest = `sha256:${'0'.repeat(64)}`
const get = () => askOf('GET', '/v2/a/manifests/1')
const head = () => askOf('HEAD', '/v2/a/manifests/1')
const session = () => askOf('POST', '/v2/a/blobs/uploads/', { phase: 'upload-session' })
const putDigest = () =>
  askOf('PUT', `/v2/a/manifests/${digest}`, { phase: 'manifest-put', body: () => Buffer.from('{}') })
const putTag = () =>
  askOf('PUT', '/v2/a/manifests/1', { phase: 'manifest-put', body: () => Buffer.from('{}') })
const remove = () => askOf('DELETE', `/v2/a/manifests/${digest}`, { phase: 'delete' })
const patch = () =>
  askOf('PATCH', '/v2/a/blobs/uploads/1', { phase: 'upload-body', body: () => Buffer.from('x') })
const putBlob = () =>
  askOf('PUT', '/v2/a/blobs/uploads/1', { phase: 'upload-body', body: () => Buffer.from('x') })
const commit = () => askOf('PUT', '/v2/a/blobs/uploads/1', { phase: 'upload-commit' })
const leave = () => askOf('DELETE', '/v2/a/blobs/uploads/1', { phase: 'upload-session' })

const everything = [408, 429, 499, 500, 502, 503, 504, 522]
const nothing: number[] = []

describe('which answers are asked for again', () => {
  it.each([
    ['GET', get, everything],
    ['HEAD', head, everything],
    ['POST of a session', session, everything],
    ['PUT of a manifest by digest', putDigest, everything],
    ['PUT of a manifest by tag', putTag, [429, 503]],
    ['DELETE of a manifest', remove, [429, 503]],
    ['PATCH', patch, nothing],
    ['PUT of a blob', putBlob, nothing],
    ['PUT that closes a session', commit, nothing],
    ['DELETE of a session', leave, nothing],
  ])('%s', async (_what, ask, repeated) => {
    for (const status of [...everything, 400, 401, 403, 404, 409, 412, 413, 416, 501]) {
      server.seen.length = 0
      moves = [status, 200]
      const answer = await transport.send(ask())
      const again = repeated.includes(status)
      expect([status, answer.status, server.seen.length]).toEqual([
        status,
        again ? 200 : status,
        again ? 2 : 1,
      ])
    }
  })

  it('a HEAD that finds nothing has its answer', async () => {
    moves = [404]
    expect((await transport.send(head())).status).toBe(404)
    expect(server.seen).toHaveLength(1)
    expect(waits).toEqual([])
  })

  it('twice at most, and what comes then is the answer', async () => {
    moves = [502, 500, 503]
    expect((await transport.send(get())).status).toBe(503)
    expect(server.seen).toHaveLength(3)
    expect(waits).toEqual([300, 1200])
  })

  it('a body is made anew each time', async () => {
    moves = [503, 200]
    const bodies: string[] = []
    await transport.send({ ...putTag(), body: () => Buffer.from(String(bodies.push('made'))) })
    expect(server.seen.map(({ body }: Seen) => body)).toEqual(['1', '2'])
  })

  it('also where the body of the answer is still to be read', async () => {
    moves = [503, 200]
    const answer = await transport.open(get())
    expect(answer.status).toBe(200)
    expect(answer.stream).toBeInstanceOf(Readable)
    answer.stream.destroy()
  })
})

describe('when nobody answered', () => {
  it.each([
    ['GET', get, 3],
    ['POST of a session', session, 3],
    ['PUT of a manifest by digest', putDigest, 3],
    ['PUT of a manifest by tag', putTag, 1],
    ['DELETE of a manifest', remove, 1],
    ['PATCH', patch, 1],
    ['PUT of a blob', putBlob, 1],
  ])('%s over a connection that breaks', async (_what, ask, times) => {
    moves = ['reset']
    expect((await failureIn(transport.send(ask()))).kind).toBe('connection-lost')
    expect(server.seen).toHaveLength(times)
  })

  it('silence is borne twice by a read', async () => {
    moves = ['silence']
    expect((await failureIn(transport.send({ ...get(), patience: 50 }))).kind).toBe('timeout')
    expect(server.seen).toHaveLength(2)
  })

  it('a port where nobody listens is told at once', async () => {
    const ask = get()
    await server.stop()
    expect((await failureIn(transport.send(ask))).kind).toBe('refused')
    expect(waits).toEqual([])
    server = await startScriptedHttp((_request, response) => play(moves, response))
  })

  it.each(['dns', 'unreachable', 'tls-untrusted', 'cancelled'] as const)(
    '%s is told at once',
    async (kind) => {
      const failing: Transport = {
        ...base,
        send: () => Promise.reject(failureError(kind, 'manifest', 'It failed.')),
      }
      const times: number[] = []
      const eager = retrying(failing, {
        clock: { now: () => now },
        wait: (milliseconds) => Promise.resolve(times.push(milliseconds)),
      })
      expect((await failureIn(eager.send(get()))).kind).toBe(kind)
      expect(times).toEqual([])
    },
  )
})

describe('Retry-After', () => {
  const calm = (after: string, status = 429) => ({ status, headers: { 'retry-after': after } })

  it.each([
    ['seconds', calm('7'), [7000]],
    ['a date', calm('Sun, 22 Nov 2026 08:00:20 GMT'), [20_000]],
    ['of a 503', calm('2', 503), [2000]],
    ['that has passed', calm('Sun, 22 Nov 2026 07:00:00 GMT'), [0]],
    ['that cannot be read', calm('soon'), [1000]],
    ['that is missing', 429, [1000]],
  ] as Array<[string, Move, number[]]>)('%s', async (_what, move, waited) => {
    moves = [move, 200]
    expect((await transport.send(get())).status).toBe(200)
    expect(waits).toEqual(waited)
  })

  it('of more than a minute is not waited for, and is told', async () => {
    moves = [calm('61')]
    const client = createRegistryClient({ transport, url: server.url, credential: undefined })
    const failure = await failureIn(client.getManifest('a', '1'))
    expect(failure).toMatchObject({ kind: 'rate-limited', next: ['wait-and-retry', 'log-in'] })
    expect(failure.evidence).toContainEqual({ fact: 'retry-after', value: '61' })
    expect(waits).toEqual([])
  })

  it('of a minute in all is waited for, not of a minute each time', async () => {
    moves = [calm('40')]
    expect((await transport.send(get())).status).toBe(429)
    expect(waits).toEqual([40_000])
  })

  it('keeps everything else to that origin waiting, what is never repeated too', async () => {
    moves = [calm('30'), 202]
    expect((await transport.send(patch())).status).toBe(429)
    expect(waits).toEqual([])
    expect((await transport.send(session())).status).toBe(202)
    expect(waits).toEqual([30_000])
    expect((await transport.send(get())).status).toBe(202)
    expect(waits).toEqual([30_000])
  })

  it('of another origin is none of ours', async () => {
    moves = [calm('30')]
    await transport.send(patch())
    const other = await startScriptedHttp((_request, response) => response.writeHead(200).end())
    expect((await transport.send({ ...get(), url: `${other.url}/v2/` })).status).toBe(200)
    await other.stop()
    expect(waits).toEqual([])
  })
})

describe('Cancel', () => {
  it('in the middle of a wait ends it at once', async () => {
    moves = [{ status: 429, headers: { 'retry-after': '50' } }]
    const cancel = new AbortController()
    const patient = retrying(base, {
      clock: { now: () => now },
      wait: (_milliseconds, signal) =>
        new Promise((_resolve, reject) => {
          signal?.addEventListener('abort', () => reject(new Error('aborted')))
          cancel.abort()
        }),
    })
    const failure = await failureIn(patient.send({ ...get(), signal: cancel.signal }))
    expect(failure).toMatchObject({ kind: 'cancelled', phase: 'manifest', answeredBy: 'chartroom' })
    expect(server.seen).toHaveLength(1)
  })
})

it('every rule says why', () => {
  for (const { what, why } of retryRules) expect([what.length, why.length]).not.toContain(0)
})
