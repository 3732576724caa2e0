import type { ServerResponse } from 'node:http'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type EmbeddedRegistry, startEmbeddedRegistry } from '../../electron/demo/registry.ts'
import type { Transport } from '../../electron/oci/ask.ts'
import { createRegistryClient, type RegistryClient } from '../../electron/oci/client.ts'
import { referrersTag } from '../../electron/oci/referrers.ts'
import { createTransport } from '../../electron/oci/transport.ts'
import type { Exchange } from '../../shared/model/exchange.ts'
import { mediaTypes } from '../../shared/model/media-types.ts'
import { failureIn } from '../fakes/failure-in.ts'
import { type ScriptedHttp, type Seen, startScriptedHttp } from '../fakes/scripted-http.ts'
import { type DockerRegistry, startDockerRegistry } from '../lab/docker-registry.ts'
import { emptyConfig, type MadeManifest, manifestOf, pushBlob } from './content.ts'

const sbom = 'application/vnd.example.sbom'
const signature = 'application/vnd.example.signature'

let transport: Transport
let exchanges: Exchange[]

beforeEach(() => {
  exchanges = []
  transport = createTransport({ record: (one) => exchanges.push(one), clock: { now: Date.now } })
})
afterEach(() => transport.close())

const clientOf = (url: string): RegistryClient =>
  createRegistryClient({ transport, url, credential: undefined, wait: () => Promise.resolve() })
const put = (
  client: RegistryClient,
  repository: string,
  manifest: MadeManifest,
  reference = manifest.digest,
) => client.putManifest(repository, reference, manifest)
/** A manifest that refers to `subject`. */
const referrerOf = (subject: MadeManifest, artifactType: string, name: string) =>
  manifestOf({ artifactType, subject: subject.descriptor, annotations: { name } })
const asListed = (manifest: MadeManifest, artifactType: string, name: string) => ({
  ...manifest.descriptor,
  artifactType,
  annotations: { name },
})

describe.each([
  ['a registry that lists referrers by itself', 'api' as const, 'api' as const],
  ['distribution 2.8, which knows nothing of them', 'tag' as const, 'none' as const],
])('%s', (_, from, nobody) => {
  let registry: EmbeddedRegistry | DockerRegistry
  let client: RegistryClient
  let repository = 'refs/r0'
  let subject: MadeManifest

  beforeAll(async () => {
    registry = from === 'api' ? await startEmbeddedRegistry() : await startDockerRegistry()
  })
  afterAll(() => registry.stop())
  beforeEach(async () => {
    client = clientOf(registry.url)
    repository = `refs/r${Number(repository.slice('refs/r'.length)) + 1}`
    await pushBlob(registry.url, repository, emptyConfig)
    subject = manifestOf({ annotations: { of: repository } })
    await put(client, repository, subject, 'v1')
  })

  test('what nothing refers to has no referrers', async () => {
    exchanges.length = 0
    expect(await client.referrers(repository, subject.digest)).toEqual({ descriptors: [], from: nobody })
    expect(exchanges.map(({ phase, failure }) => ({ phase, failure }))).toEqual(
      exchanges.map(() => ({ phase: 'referrers', failure: undefined })),
    )
  })

  test('what is pushed with a subject is listed with its type and annotations', async () => {
    const [one, other] = [referrerOf(subject, sbom, 'one'), referrerOf(subject, signature, 'other')]
    await put(client, repository, one)
    await put(client, repository, other, 'signed')
    const { descriptors, from: read } = await client.referrers(repository, subject.digest)
    expect(read).toBe(from)
    expect(descriptors).toHaveLength(2)
    expect(descriptors).toEqual(
      expect.arrayContaining([asListed(one, sbom, 'one'), asListed(other, signature, 'other')]),
    )
    const filtered = await client.referrers(repository, subject.digest, { artifactType: sbom })
    expect(filtered.descriptors).toEqual([asListed(one, sbom, 'one')])
  })

  test('a referrer without artifactType is listed under its config, an index under its own', async () => {
    const plain = manifestOf({ subject: subject.descriptor })
    await put(client, repository, plain)
    const { descriptors } = await client.referrers(repository, subject.digest)
    expect(descriptors).toEqual([{ ...plain.descriptor, artifactType: 'application/vnd.oci.empty.v1+json' }])
  })

  test('what is pushed twice is listed once', async () => {
    const one = referrerOf(subject, sbom, 'one')
    await put(client, repository, one)
    await put(client, repository, one, 'again')
    expect((await client.referrers(repository, subject.digest)).descriptors).toHaveLength(1)
  })

  test('referrers that are pushed at once are all listed', async () => {
    const many = Array.from({ length: 8 }, (_, number) => referrerOf(subject, sbom, `n${number}`))
    await Promise.all(many.map((one) => put(client, repository, one)))
    const { descriptors } = await client.referrers(repository, subject.digest)
    expect(descriptors.map(({ digest }) => digest).sort()).toEqual(many.map(({ digest }) => digest).sort())
  })

  test('a referrer that is deleted is listed no more, the others are', async () => {
    const [one, other] = [referrerOf(subject, sbom, 'one'), referrerOf(subject, sbom, 'other')]
    await put(client, repository, one)
    await put(client, repository, other)
    await client.deleteManifest(repository, one.digest)
    const { descriptors } = await client.referrers(repository, subject.digest)
    expect(descriptors).toEqual([asListed(other, sbom, 'other')])
    await client.deleteManifest(repository, other.digest)
    expect((await client.referrers(repository, subject.digest)).descriptors).toEqual([])
  })

  test('a subject may be pushed after what refers to it', async () => {
    const late = manifestOf({ annotations: { late: repository } })
    const early = referrerOf(late, sbom, 'early')
    await put(client, repository, early)
    await put(client, repository, late)
    const { descriptors } = await client.referrers(repository, late.digest)
    expect(descriptors).toEqual([asListed(early, sbom, 'early')])
  })

  test(`the fallback tag is ${from === 'api' ? 'left alone' : 'what a client of another make finds'}`, async () => {
    await put(client, repository, referrerOf(subject, sbom, 'one'))
    const head = await client.headManifest(repository, referrersTag(subject.digest))
    expect(head?.mediaType).toBe(from === 'api' ? undefined : mediaTypes.ociIndex)
  })
})

describe('a registry with the API', () => {
  let server: ScriptedHttp
  let answer: (request: Seen, response: ServerResponse) => void
  const subject = manifestOf()
  const listed = (name: string) => asListed(referrerOf(subject, sbom, name), sbom, name)
  const indexOf = (...manifests: unknown[]) =>
    JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests })

  beforeEach(async () => {
    server = await startScriptedHttp((request, response) => {
      response.setHeader('docker-distribution-api-version', 'registry/2.0')
      answer(request, response)
    })
  })
  afterEach(() => server.stop())
  const referrers = (artifactType?: string) =>
    clientOf(server.url).referrers('a/b', subject.digest, { artifactType })

  test('is read page by page', async () => {
    answer = ({ url }, response) => {
      const page = Number(url.searchParams.get('page') ?? 1)
      if (page < 3) response.setHeader('link', `<${url.pathname}?page=${page + 1}>; rel="next"`)
      response.end(indexOf(listed(`n${page}`)))
    }
    expect(await referrers()).toEqual({
      from: 'api',
      descriptors: [listed('n1'), listed('n2'), listed('n3')],
    })
    expect(server.seen[0]?.headers.accept).toBe(mediaTypes.ociIndex)
  })

  test.each([
    ['in a circle', 'answer-invalid', ({ url }: Seen) => url.pathname],
    ['to another host', 'redirect-refused', () => 'http://elsewhere.invalid/x'],
  ])('whose pages lead %s is a Failure', async (_, kind, to) => {
    answer = (request, response) => {
      response.setHeader('link', `<${to(request)}>; rel="next"`)
      response.end(indexOf())
    }
    expect(await failureIn(referrers())).toMatchObject({ kind, phase: 'referrers' })
  })

  test('that writes null for nothing lists nothing', async () => {
    answer = (_, response) => response.end('{"schemaVersion":2,"manifests":null}')
    expect(await referrers()).toEqual({ from: 'api', descriptors: [] })
  })

  test('that never comes to an end is read up to a limit', async () => {
    const page = indexOf(
      ...Array.from({ length: 5000 }, () => ({ mediaType: 'x', digest: subject.digest, size: 1 })),
    )
    answer = ({ url }, response) => {
      const next = Number(url.searchParams.get('page') ?? 1) + 1
      response.setHeader('link', `<?page=${next}>; rel="next"`).end(page)
    }
    expect(await failureIn(referrers())).toMatchObject({ kind: 'answer-invalid', phase: 'referrers' })
    expect(server.seen).toHaveLength(11)
  })

  test('that filters by itself is believed, one that does not is filtered here', async () => {
    let applied = true
    answer = ({ url }, response) => {
      expect(url.searchParams.get('artifactType')).toBe(signature)
      if (applied) response.setHeader('oci-filters-applied', 'artifactType')
      response.end(indexOf(listed('one')))
    }
    expect((await referrers(signature)).descriptors).toEqual([listed('one')])
    applied = false
    expect((await referrers(signature)).descriptors).toEqual([])
  })

  test.each([
    [429, 'rate-limited'],
    [403, 'denied'],
    [500, 'server-fault'],
  ])('that answers %i is not taken for one without', async (status, kind) => {
    answer = (_, response) => response.writeHead(status).end('{"errors":[]}')
    expect(await failureIn(referrers())).toMatchObject({ kind, phase: 'referrers' })
    expect(server.seen.every(({ path }) => path.includes('/referrers/'))).toBe(true)
  })

  test('whose list is broken is a Failure', async () => {
    answer = (_, response) => response.end(indexOf({ digest: 'surprise' }))
    expect((await failureIn(referrers())).kind).toBe('answer-invalid')
  })

  test.each([
    ['404', (response: ServerResponse) => response.writeHead(404).end('404 page not found')],
    ['405', (response: ServerResponse) => response.writeHead(405).end()],
    [
      '400',
      (response: ServerResponse) => response.writeHead(400).end('{"errors":[{"code":"NAME_INVALID"}]}'),
    ],
    ['406', (response: ServerResponse) => response.writeHead(406).end()],
    [
      'a redirect to a page for people (ghcr.io)',
      (response: ServerResponse) => response.writeHead(303, { location: 'https://people.invalid/' }).end(),
    ],
    ['a page', (response: ServerResponse) => response.end('<!doctype html><html></html>')],
    ['something else in JSON', (response: ServerResponse) => response.end('{"hello":1}')],
  ])('that it does not have (%s) is asked for the fallback tag', async (_, refuse) => {
    answer = ({ path }, response) => {
      if (path.includes('/referrers/')) refuse(response)
      else response.end(indexOf(listed('one'), { ...listed('two'), artifactType: signature }))
    }
    expect(await referrers(sbom)).toEqual({ from: 'tag', descriptors: [listed('one')] })
    expect(server.seen.map(({ path }) => path)).toEqual([
      `/v2/a/b/referrers/${subject.digest}?artifactType=${encodeURIComponent(sbom)}`,
      `/v2/a/b/manifests/${referrersTag(subject.digest)}`,
    ])
  })

  test('a fallback tag that holds no index stops the listing, and a push does not overwrite it', async () => {
    answer = ({ method, path }, response) => {
      if (path.includes('/referrers/')) response.writeHead(404).end()
      else if (method === 'PUT') response.writeHead(201).end()
      else response.end(manifestOf().bytes)
    }
    expect(await failureIn(referrers())).toMatchObject({ kind: 'answer-invalid', phase: 'referrers' })
    const pushed = put(clientOf(server.url), 'a/b', referrerOf(subject, sbom, 'one'))
    expect(await failureIn(pushed)).toMatchObject({ kind: 'answer-invalid', phase: 'referrers' })
    expect(server.seen.filter(({ method }) => method === 'PUT')).toHaveLength(1)
  })

  test('an index that another client wrote keeps what we do not know of it', async () => {
    const foreign = { ...listed('foreign'), urls: ['https://elsewhere.invalid/'], data: 'e30=' }
    answer = ({ method }, response) => {
      if (method === 'PUT') response.writeHead(201).end()
      else
        response.end(
          JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: [foreign], x: 1 }),
        )
    }
    await put(clientOf(server.url), 'a/b', referrerOf(subject, sbom, 'ours'))
    const written = server.seen.find(
      ({ method, path }) => method === 'PUT' && path.endsWith(referrersTag(subject.digest)),
    )
    expect(written?.headers['content-type']).toBe(mediaTypes.ociIndex)
    expect(JSON.parse(written?.body ?? '')).toEqual({
      schemaVersion: 2,
      mediaType: mediaTypes.ociIndex,
      manifests: [foreign, listed('ours')],
      x: 1,
    })
  })
})

test('the fallback tag of a digest is cut and cleaned as the spec has it', () => {
  expect(referrersTag(`sha256:${'a'.repeat(64)}`)).toBe(`sha256-${'a'.repeat(64)}`)
  expect(referrersTag(`sha512:${'b'.repeat(128)}`)).toBe(`sha512-${'b'.repeat(64)}`)
  expect(referrersTag(`${'x+y'.repeat(20)}:c=d`)).toBe(`${'x-y'.repeat(11).slice(0, 32)}-c-d`)
})

test('a manifest without a subject costs no more requests than its own', async () => {
  const registry = await startEmbeddedRegistry()
  const client = clientOf(registry.url)
  await pushBlob(registry.url, 'a/b', emptyConfig)
  await put(client, 'a/b', manifestOf(), 'v1')
  expect(exchanges.map(({ method }) => method)).toEqual(['PUT'])
  await registry.stop()
})
