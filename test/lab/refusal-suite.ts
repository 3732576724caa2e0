import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Answer, Ask, Transport } from '../../electron/oci/ask.ts'
import { digestOf } from '../../electron/oci/digest.ts'
import { refusal } from '../../electron/oci/refusal.ts'
import { createTransport } from '../../electron/oci/transport.ts'
import type { Answerer, Failure, FailureKind } from '../../shared/model/failure.ts'
import type { RegistryOptions, RegistryProcess } from './registry-process.ts'

type Verdict = `${FailureKind} by ${Answerer}`
type Asked = Partial<Ask> & Pick<Ask, 'method' | 'url' | 'phase'>

const bytes = randomBytes(100)
const digest = digestOf(bytes)
const absent = `sha256:${'0'.repeat(64)}`
const oci = 'application/vnd.oci.image.manifest.v1+json'
const octets = { 'content-type': 'application/octet-stream' }
const manifestOf = (config: string) =>
  JSON.stringify({
    schemaVersion: 2,
    mediaType: oci,
    config: { mediaType: 'application/vnd.oci.image.config.v1+json', size: bytes.length, digest: config },
    layers: [],
  })
const put = (body: string | Uint8Array, type = oci): Asked => ({
  method: 'PUT',
  url: '/v2/a/manifests/1',
  phase: 'manifest-put',
  headers: { 'content-type': type },
  body: () => Buffer.from(body),
})
const patch = (url: string, more: Partial<Ask> = {}): Asked => ({
  method: 'PATCH',
  url,
  phase: 'upload-body',
  headers: octets,
  body: () => bytes,
  ...more,
})
const chunk = (url: string, range: string) => patch(url, { headers: { ...octets, 'content-range': range } })

/** A row asks once, with the address of a new upload session at hand. */
type Row = [what: string, ask: (session: string) => Asked, verdict: Verdict]

const rows: Row[] = [
  [
    'an unknown repository',
    () => ({ method: 'GET', url: '/v2/none/tags/list', phase: 'tags' }),
    'not-found by registry',
  ],
  [
    'an unknown tag',
    () => ({ method: 'GET', url: '/v2/a/manifests/none', phase: 'manifest' }),
    'not-found by registry',
  ],
  [
    'an unknown blob',
    () => ({ method: 'GET', url: `/v2/a/blobs/${absent}`, phase: 'blob' }),
    'not-found by registry',
  ],
  [
    'a HEAD of an unknown blob',
    () => ({ method: 'HEAD', url: `/v2/a/blobs/${absent}`, phase: 'blob' }),
    'not-found by registry',
  ],
  [
    'a name against the rules',
    () => ({ method: 'GET', url: '/v2/A/tags/list', phase: 'tags' }),
    'not-found by registry',
  ],
  [
    'referrers, which it does not have',
    () => ({ method: 'GET', url: `/v2/a/referrers/${absent}`, phase: 'referrers' }),
    'not-found by registry',
  ],
  [
    'a page of more entries than it gives',
    () => ({ method: 'GET', url: '/v2/_catalog?n=99999', phase: 'catalog' }),
    'invalid by registry',
  ],
  [
    'a manifest asked for without its type',
    () => ({
      method: 'GET',
      url: '/v2/a/manifests/there',
      phase: 'manifest',
      headers: { accept: 'application/json' },
    }),
    'invalid by registry',
  ],
  ['a manifest whose blobs are missing', () => put(manifestOf(absent)), 'invalid by registry'],
  ['a manifest that is none', () => put('x'), 'invalid by registry'],
  // UNKNOWN: it trips over the missing config
  ['a manifest of nothing', () => put('{}'), 'server-fault by registry'],
  ['a manifest of another type', () => put(manifestOf(digest), 'text/plain'), 'invalid by registry'],
  ['a manifest of 5 MB', () => put(Buffer.alloc(5_000_000, ' ')), 'too-large by registry'],
  [
    'PATCH of another type than bytes',
    (session) => patch(session, { headers: { 'content-type': 'text/plain' } }),
    'server-fault by registry',
  ],
  [
    'a session of another replica',
    (session) => patch(session.replace(/_state=....../, '_state=AAAAAA')),
    'upload-lost by registry',
  ],
  [
    'the state of a session that nobody knows',
    () => ({
      method: 'GET',
      url: '/v2/a/blobs/uploads/6f7cf5d2-9f8d-4bcf-a1d4-000000000000',
      phase: 'upload-body',
    }),
    'upload-lost by registry',
  ],
  [
    'PUT without a digest',
    (session) => ({ method: 'PUT', url: session, phase: 'upload-commit', headers: octets }),
    'digest-refused by registry',
  ],
  [
    'PUT of other bytes than the digest names',
    (session) => ({ ...patch(`${session}&digest=${absent}`), method: 'PUT' }),
    'digest-refused by registry',
  ],
  [
    'DELETE of what is not there',
    () => ({ method: 'DELETE', url: `/v2/a/blobs/${absent}`, phase: 'delete' }),
    'not-found by registry',
  ],
]

/** What the two versions tell apart. */
const rowsOf: Record<2 | 3, Row[]> = {
  2: [
    [
      'DELETE of a tag',
      () => ({ method: 'DELETE', url: '/v2/a/manifests/there', phase: 'delete' }),
      'unsupported by registry',
    ],
  ],
  3: [
    // 2.8 announces the blob's length with its 416 and sends less: no answer at all
    [
      'a part of a blob beyond its end',
      () => ({
        method: 'GET',
        url: `/v2/a/blobs/${digest}`,
        phase: 'blob',
        headers: { range: 'bytes=500-600' },
      }),
      'range-refused by registry',
    ],
    ['a chunk out of order', (session) => chunk(session, '50-149'), 'range-refused by registry'],
    ['a chunk of another length than its range', (session) => chunk(session, '0-9'), 'invalid by registry'],
    ['a range with a total', (session) => chunk(session, '0-99/100'), 'server-fault by registry'],
  ],
}

const otherOnes: Array<[string, RegistryOptions, Asked, Verdict]> = [
  [
    'read-only',
    { readOnly: true },
    { method: 'POST', url: '/v2/a/blobs/uploads/', phase: 'upload-session' },
    'unsupported by registry',
  ],
  [
    'with deletion switched off',
    { deletion: false },
    { method: 'DELETE', url: `/v2/a/manifests/${absent}`, phase: 'delete' },
    'unsupported by registry',
  ],
  [
    'that wants a password',
    { htpasswd: { username: 'captain', password: 'secret' } },
    { method: 'GET', url: '/v2/', phase: 'ping' },
    'unauthorized by registry',
  ],
]

/** What a distribution of that version refuses, and what it is called; `start` runs it. */
export function refusalSuite(
  version: 2 | 3,
  start: (options?: RegistryOptions) => Promise<RegistryProcess>,
): void {
  let registry: RegistryProcess
  let transport: Transport

  const send = (url: string, asked: Asked): Promise<Answer> =>
    transport.send({
      role: 'registry',
      maxBytes: 1_000_000,
      ...asked,
      url: new URL(asked.url, url).toString(),
    })
  const verdictOf = async (url: string, asked: Asked): Promise<Failure> => {
    const answer = await send(url, asked)
    expect(answer.status).toBeGreaterThanOrEqual(400)
    return refusal({ role: 'registry', maxBytes: 0, ...asked, url }, answer).failure
  }
  const session = async (): Promise<string> => {
    const opened = await send(registry.url, {
      method: 'POST',
      url: '/v2/a/blobs/uploads/',
      phase: 'upload-session',
    })
    return opened.headers['location'] ?? ''
  }
  const wordOf = ({ kind, answeredBy }: Failure) => `${kind} by ${answeredBy}`

  beforeAll(async () => {
    transport = createTransport({ record: () => undefined, clock: { now: Date.now } })
    registry = await start()
    await send(registry.url, { ...patch(`${await session()}&digest=${digest}`), method: 'PUT' })
    const stored = await send(registry.url, { ...put(manifestOf(digest)), url: '/v2/a/manifests/there' })
    expect(stored.status).toBe(201)
  })
  afterAll(async () => {
    await transport.close()
    await registry.stop()
  })

  describe(`distribution ${version} refuses`, () => {
    test.each([...rows, ...rowsOf[version]])('%s', async (_what, ask, verdict) => {
      expect(wordOf(await verdictOf(registry.url, ask(await session())))).toBe(verdict)
    })
  })

  describe(`distribution ${version}`, () => {
    test.each(otherOnes)('%s', async (_what, options, asked, verdict) => {
      const other = await start(options)
      expect(wordOf(await verdictOf(other.url, asked))).toBe(verdict)
      await other.stop()
    })

    test('as a cache takes no push', async () => {
      const cache = await start({ cacheOf: registry.url })
      const push: Asked = { method: 'POST', url: '/v2/a/blobs/uploads/', phase: 'upload-session' }
      expect(wordOf(await verdictOf(cache.url, push))).toBe('unsupported by registry')
      await cache.stop()
    })
  })
}
