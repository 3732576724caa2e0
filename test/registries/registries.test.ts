import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createTransport } from '../../electron/oci/transport.ts'
import { createRegistries, type Registries } from '../../electron/registries/registries.ts'
import type { RegistryClient } from '../../electron/oci/client.ts'
import type { Transport } from '../../electron/oci/ask.ts'
import type { Exchange } from '../../shared/model/exchange.ts'
import { mediaTypes } from '../../shared/model/media-types.ts'
import { memoryVault } from '../fakes/memory-vault.ts'
import { failureIn } from '../fakes/failure-in.ts'
import { type DockerRegistry, startDockerRegistry } from '../lab/docker-registry.ts'

const password = 'correct horse'
let real: DockerRegistry
let directory: string
let transport: Transport
let exchanges: Exchange[]
let vault: ReturnType<typeof memoryVault>
let registries: Registries

beforeAll(async () => {
  real = await startDockerRegistry({ htpasswd: { username: 'ann', password } })
})
afterAll(() => real.stop())
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'chartroom-registries-'))
  exchanges = []
  transport = createTransport({ record: (exchange) => exchanges.push(exchange), clock: { now: Date.now } })
  vault = memoryVault()
  registries = createRegistries({ directory, vault, transport, env: { HOME: directory } })
})
afterEach(async () => {
  await transport.close()
  await rm(directory, { recursive: true })
})

const draft = (more: { url?: string; password?: string; username?: string } = {}) => ({
  name: 'Lab',
  url: more.url ?? real.url,
  credential: {
    source: 'password' as const,
    username: more.username ?? 'ann',
    ...(more.password !== undefined ? { password: more.password } : {}),
  },
})

describe('the list', () => {
  test('is kept in a file that holds no secret; the vault alone does', async () => {
    const entry = await registries.add(draft({ password }))
    expect(entry).toMatchObject({
      name: 'Lab',
      demo: false,
      credential: { username: 'ann', hasSecret: true },
    })
    expect(await readFile(join(directory, 'registries.json'), 'utf8')).not.toContain(password)
    expect(vault.secrets()).toEqual({ [`registry:${entry.id}`]: password })

    const reopened = createRegistries({ directory, vault, transport, env: {} })
    expect(await reopened.list()).toEqual([entry])
  })

  test('an edit without a password keeps it', async () => {
    const { id } = await registries.add(draft({ password }))
    const entry = await registries.update(id, { ...draft(), name: 'Renamed' })
    expect(entry).toMatchObject({ name: 'Renamed', credential: { hasSecret: true } })
    expect((await registries.ping(id)).credential).toBe('password')
  })

  test('an edit of the address drops the stored password', async () => {
    const { id } = await registries.add(draft({ password }))
    const entry = await registries.update(id, draft({ url: 'http://other.invalid' }))
    expect(entry.credential.hasSecret).toBe(false)
    expect(vault.secrets()).toEqual({})
  })

  test('a change to another way of logging in drops it too', async () => {
    const { id } = await registries.add(draft({ password }))
    await registries.update(id, { name: 'Lab', url: real.url, credential: { source: 'anonymous' } })
    expect(vault.secrets()).toEqual({})
  })

  test('removing an entry removes its secret', async () => {
    const { id } = await registries.add(draft({ password }))
    expect(await registries.remove(id)).toEqual({ removed: true })
    expect(await registries.remove(id)).toEqual({ removed: false })
    expect(vault.secrets()).toEqual({})
    expect(await failureIn(registries.ping(id))).toMatchObject({
      kind: 'no-such-item',
      answeredBy: 'chartroom',
    })
  })

  test('the demo registry is listed, labelled, fixed and never saved', async () => {
    registries.setDemo({ id: 'demo', name: 'Demo', url: 'http://127.0.0.1:1' })
    expect(await registries.list()).toEqual([
      {
        id: 'demo',
        name: 'Demo',
        url: 'http://127.0.0.1:1',
        credential: { source: 'anonymous', hasSecret: false },
        tls: { verify: true, hasCa: false, hasClientCertificate: false },
        demo: true,
      },
    ])
    expect((await registries.client('demo')).url).toBe('http://127.0.0.1:1')
    expect(await failureIn(registries.remove('demo'))).toMatchObject({ kind: 'input-invalid' })
    registries.setDemo(undefined)
    expect(await registries.list()).toEqual([])
  })
})

describe('a test of a registry', () => {
  test('says what it demands and which credential won', async () => {
    expect(await registries.test(draft({ password }), undefined)).toMatchObject({
      authentication: 'basic',
      credential: 'password',
      apiVersion: 'registry/2.0',
    })
  })

  test('lends the stored password to a draft of the same address only', async () => {
    const { id } = await registries.add(draft({ password }))
    expect((await registries.test(draft(), id)).credential).toBe('password')

    const other = await startDockerRegistry({ htpasswd: { username: 'ann', password } })
    try {
      exchanges.length = 0
      expect(await failureIn(registries.test(draft({ url: other.url }), id))).toMatchObject({
        kind: 'unauthorized',
      })
      expect(exchanges.filter(({ requestHeaders }) => 'authorization' in requestHeaders)).toEqual([])
    } finally {
      await other.stop()
    }
  })

  test('a wrong password is the registry saying no, and no exchange shows it', async () => {
    const failure = await failureIn(registries.test(draft({ password: 'wrong-secret' }), undefined))
    expect(failure).toMatchObject({
      kind: 'unauthorized',
      answeredBy: 'registry',
      status: 401,
      ociErrors: [{ code: 'UNAUTHORIZED' }],
      next: ['log-in'],
    })
    const shown = JSON.stringify([failure, exchanges])
    expect(shown).not.toContain('wrong-secret')
    expect(shown).not.toContain(Buffer.from('ann:wrong-secret').toString('base64'))
  })

  test('docker configuration is used where it is asked for', async () => {
    const auth = Buffer.from(`ann:${password}`).toString('base64')
    const env = { DOCKER_AUTH_CONFIG: JSON.stringify({ auths: { [new URL(real.url).host]: { auth } } }) }
    const withDocker = createRegistries({ directory, vault, transport, env })
    const tested = await withDocker.test(
      { name: 'Lab', url: real.url, credential: { source: 'docker-config' } },
      undefined,
    )
    expect(tested.credential).toBe('docker')
  })
})

describe('what is in a registry', () => {
  let id: string
  let client: RegistryClient
  beforeEach(async () => {
    id = (await registries.add(draft({ password }))).id
    client = await registries.client(id)
  })

  test('a chart shows its metadata, its layers and its manifest byte for byte', async () => {
    const metadata = { apiVersion: 'v2', name: 'cart', version: '1.0.0', appVersion: '7' }
    const config = await pushBlob(client, 'charts/cart', JSON.stringify(metadata))
    const layer = await pushBlob(client, 'charts/cart', 'not looked into here')
    const text = JSON.stringify({
      schemaVersion: 2,
      config: { ...config, mediaType: mediaTypes.helmConfig },
      layers: [{ ...layer, mediaType: mediaTypes.helmChart }],
      annotations: { 'org.opencontainers.image.title': 'cart' },
    })
    const bytes = Buffer.from(text)
    const digest = await client.putManifest('charts/cart', '1.0.0', {
      mediaType: mediaTypes.ociManifest,
      bytes,
    })

    expect(await registries.artifact(id, 'charts/cart', '1.0.0')).toEqual({
      repository: 'charts/cart',
      asked: '1.0.0',
      digest,
      mediaType: mediaTypes.ociManifest,
      kind: 'chart',
      manifestSize: bytes.length,
      totalSize: bytes.length + config.size + layer.size,
      platforms: [],
      config: { ...config, mediaType: mediaTypes.helmConfig },
      layers: [{ ...layer, mediaType: mediaTypes.helmChart }],
      chart: metadata,
      annotations: { 'org.opencontainers.image.title': 'cart' },
      raw: text,
    })
    expect((await registries.artifact(id, 'charts/cart', digest)).digest).toBe(digest)
  })

  test('an image shows when and for what it was built, an index its platforms', async () => {
    const config = await pushBlob(
      client,
      'images/web',
      JSON.stringify({ created: '2026-01-02T03:04:05Z', os: 'linux', architecture: 'arm64', variant: 'v8' }),
    )
    const bytes = Buffer.from(
      JSON.stringify({
        schemaVersion: 2,
        config: { ...config, mediaType: mediaTypes.imageConfig },
        layers: [],
      }),
    )
    const digest = await client.putManifest('images/web', 'arm64', {
      mediaType: mediaTypes.ociManifest,
      bytes,
    })
    const platform = { os: 'linux', architecture: 'arm64', variant: 'v8' }
    expect(await registries.artifact(id, 'images/web', 'arm64')).toMatchObject({
      kind: 'image',
      created: '2026-01-02T03:04:05Z',
      platforms: [{ platform, descriptor: { digest } }],
    })

    const child = { mediaType: mediaTypes.ociManifest, digest, size: bytes.length, platform }
    const index = Buffer.from(
      JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: [child] }),
    )
    await client.putManifest('images/web', 'latest', { mediaType: mediaTypes.ociIndex, bytes: index })
    expect(await registries.artifact(id, 'images/web', 'latest')).toMatchObject({
      kind: 'index',
      mediaType: mediaTypes.ociIndex,
      totalSize: index.length,
      platforms: [{ platform, descriptor: child }],
      layers: [],
    })
  })

  test('repositories and tags are listed to the end', async () => {
    const config = await pushBlob(client, 'many/tags', '{}')
    const bytes = Buffer.from(
      JSON.stringify({
        schemaVersion: 2,
        config: { ...config, mediaType: 'application/x-thing' },
        layers: [],
      }),
    )
    const tags = Array.from({ length: 120 }, (_, index) => `v1.0.${index}`)
    for (const tag of tags) {
      await client.putManifest('many/tags', tag, { mediaType: mediaTypes.ociManifest, bytes })
    }
    const listed = await collect(registries.tags(id, 'many/tags'))
    expect(listed.names.sort()).toEqual(tags.sort())
    expect(listed.total).toEqual({ count: 120, pages: 1, complete: true })
    expect((await collect(registries.repositories(id))).names).toContain('many/tags')
  })

  test('a tag that is not there is the registry saying so', async () => {
    expect(await failureIn(registries.artifact(id, 'charts/cart', 'nope'))).toMatchObject({
      kind: 'not-found',
      answeredBy: 'registry',
      status: 404,
    })
  })
})

async function collect<T>(
  pages: AsyncGenerator<{ names: string[] }, T>,
): Promise<{ names: string[]; total: T }> {
  const names: string[] = []
  for (;;) {
    const step = await pages.next()
    if (step.done === true) return { names, total: step.value }
    names.push(...step.value.names)
  }
}

/** POST and one PUT, as the distribution-spec has it; uploads proper have suites of their own. */
async function pushBlob(client: RegistryClient, repository: string, text: string) {
  const bytes = Buffer.from(text)
  const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`
  const common = { role: 'registry' as const, scope: `repository:${repository}:pull,push`, maxBytes: 4096 }
  const session = await client.transport.send({
    ...common,
    method: 'POST',
    phase: 'upload-session',
    url: `${client.url}/v2/${repository}/blobs/uploads/`,
  })
  const url = new URL(session.headers['location'] ?? '', client.url)
  url.searchParams.set('digest', digest)
  const { status } = await client.transport.send({
    ...common,
    method: 'PUT',
    phase: 'upload-body',
    url: url.toString(),
    headers: { 'content-type': 'application/octet-stream' },
    body: () => bytes,
  })
  expect(status).toBe(201)
  return { digest, size: bytes.length }
}
