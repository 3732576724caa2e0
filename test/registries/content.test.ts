import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRouterClient, type RouterClient } from '@orpc/server'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type App, createApp } from '../../electron/app.ts'
import { type EmbeddedRegistry, startEmbeddedRegistry } from '../../electron/demo/registry.ts'
import type { AppRouter } from '../../electron/router.ts'
import { createMemoryVault } from '../../electron/vault-memory.ts'
import { startScriptedHttp } from '../fakes/scripted-http.ts'
import { digestOf, emptyConfig, type MadeManifest, manifestOf } from '../oci/content.ts'

const sbom = 'application/spdx+json'

let profile: string
let app: App
let client: RouterClient<AppRouter>
let registry: EmbeddedRegistry

beforeEach(async () => {
  profile = await mkdtemp(join(tmpdir(), 'chartroom-content-'))
  app = await createApp({
    directory: profile,
    clock: Date,
    vault: createMemoryVault(),
    env: { HOME: profile },
    host: { opensFiles: false, openExternal: () => Promise.resolve(false) },
  })
  client = createRouterClient(app.router)
  registry = await startEmbeddedRegistry()
  registry.store.addBlob('a/b', digestOf(emptyConfig), emptyConfig)
})
afterEach(async () => {
  await app.close()
  await registry.stop()
  await rm(profile, { recursive: true, force: true })
})

const add = async (url: string) =>
  (await client.registries.add({ name: 'r', url, credential: { source: 'anonymous' } })).id

async function put(manifest: MadeManifest, reference = manifest.digest): Promise<void> {
  const answer = await fetch(`${registry.url}/v2/a/b/manifests/${reference}`, {
    method: 'PUT',
    headers: { 'content-type': manifest.mediaType },
    body: new Uint8Array(manifest.bytes),
  })
  expect(answer.status).toBe(201)
}

test('what refers to an artifact is listed, of one type where that is asked', async () => {
  const subject = manifestOf({ annotations: { name: 'subject' } })
  const [one, other] = [sbom, 'application/vnd.example.other'].map((artifactType) =>
    manifestOf({ artifactType, subject: subject.descriptor }),
  )
  await put(subject, 'v1')
  for (const manifest of [one, other]) if (manifest !== undefined) await put(manifest)
  const id = await add(registry.url)
  const asked = { id, repository: 'a/b', digest: subject.digest }
  expect(await client.registries.referrers(asked)).toMatchObject({ from: 'api', descriptors: [{}, {}] })
  expect(await client.registries.referrers({ ...asked, artifactType: sbom })).toEqual({
    from: 'api',
    descriptors: [{ ...one?.descriptor, artifactType: sbom }],
  })
})

test('content is kept in the profile and within the setting, which may switch it off', async () => {
  await put(manifestOf(), 'v1')
  const id = await add(registry.url)
  const read = () => client.registries.artifact({ id, repository: 'a/b', reference: 'v1' })
  const kept = async () => {
    const all = await readdir(join(profile, 'cache'), { recursive: true, withFileTypes: true })
    return all.filter((one) => one.isFile()).map(({ name }) => name)
  }
  expect((await read()).digest).toBe(manifestOf().digest)
  expect(await kept()).toEqual([manifestOf().digest.slice('sha256:'.length)])
  await client.settings.update({ cacheMebibytes: 0 })
  expect((await read()).digest).toBe(manifestOf().digest)
  expect(await kept()).toEqual([])
})

test('the limit on manifests is the one that is set', async () => {
  await put(manifestOf({ annotations: { long: 'x'.repeat(1024 * 1024) } }), 'v1')
  const id = await add(registry.url)
  const read = () => client.registries.artifact({ id, repository: 'a/b', reference: 'v1' })
  expect((await read()).manifestSize).toBeGreaterThan(1024 * 1024)
  await client.settings.update({ manifestMebibytes: 1, cacheMebibytes: 0 })
  await expect(read()).rejects.toMatchObject({ data: { kind: 'answer-invalid' } })
})

test('what registries warn of is told once each', async () => {
  const server = await startScriptedHttp((_, response) =>
    response.writeHead(200, { warning: '299 - "closing in May"' }).end('{}'),
  )
  const id = await add(server.url)
  await client.registries.ping({ id })
  await client.registries.ping({ id })
  const controller = new AbortController()
  const events = await client.registries.warnings(undefined, { signal: controller.signal })
  const { host } = new URL(server.url)
  expect(await events.next()).toMatchObject({ value: [{ host, text: 'closing in May' }] })
  controller.abort()
  await server.stop()
})
