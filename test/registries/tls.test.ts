import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Transport } from '../../electron/oci/ask.ts'
import { createTransport } from '../../electron/oci/transport.ts'
import type { Vault } from '../../electron/ports.ts'
import { createRegistries, type Registries } from '../../electron/registries/registries.ts'
import type { RegistryDraft } from '../../shared/model/registry.ts'
import { chains, client, root } from '../fakes/chains.ts'
import { failureIn } from '../fakes/failure-in.ts'
import { always, answerText, startFaultyServer } from '../fakes/faulty-server.ts'
import { memoryVault } from '../fakes/memory-vault.ts'

let directory: string
let vault: Vault
let transport: Transport
let registries: Registries
const stops: Array<() => Promise<void>> = []

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'chartroom-tls-'))
  vault = memoryVault()
  transport = createTransport({ record: () => undefined, clock: { now: Date.now } })
  registries = open()
})
afterEach(async () => {
  await transport.close()
  for (const stop of stops.splice(0)) await stop()
  await rm(directory, { recursive: true, force: true })
})

const open = () =>
  createRegistries({
    directory,
    vault,
    transport,
    env: { HOME: directory },
    certificates: { docker: [join(directory, 'certs.d')], containerd: [] },
  })
const answering = always(answerText('200 OK', { 'docker-distribution-api-version': 'registry/2.0' }, '{}'))
async function serve(tls: Parameters<typeof startFaultyServer>[1]) {
  const server = await startFaultyServer(answering, tls)
  stops.push(server.stop)
  return server
}
const draft = (url: string, tls?: RegistryDraft['tls']): RegistryDraft => ({
  name: 'lab',
  url,
  credential: { source: 'anonymous' },
  ...(tls !== undefined ? { tls } : {}),
})
const onDisk = () => readFile(join(directory, 'registries.json'), 'utf8')
const mutual = { tls: { ...chains.good, ca: root, requestCert: true } }

test('an authority given with the entry is trusted for it, and stays when the entry is renamed', async () => {
  const { url } = await serve({ tls: chains.good })
  expect((await failureIn(registries.test(draft(url), undefined))).kind).toBe('tls-untrusted')
  const entry = await registries.add(draft(url, { verify: true, ca: root }))
  expect(entry.tls).toEqual({ verify: true, hasCa: true, hasClientCertificate: false })
  expect((await registries.ping(entry.id)).authentication).toBe('none')
  await registries.update(entry.id, { ...draft(url), name: 'renamed' })
  expect((await open().ping(entry.id)).authentication).toBe('none')
  expect((await registries.update(entry.id, draft(url, { verify: true, ca: null }))).tls.hasCa).toBe(false)
  expect((await failureIn(registries.ping(entry.id))).kind).toBe('tls-untrusted')
})

test('not to verify is said in every listing and holds for this entry alone', async () => {
  const { url } = await serve({ tls: chains.elsewhere })
  const unverified = await registries.add(draft(url, { verify: false }))
  const other = await registries.add(draft(url))
  expect((await registries.list()).map(({ tls }) => tls.verify)).toEqual([false, true])
  expect((await registries.ping(unverified.id)).authentication).toBe('none')
  expect((await failureIn(registries.ping(other.id))).kind).toBe('tls-untrusted')
})

test('a client key rests in the vault alone and is used with its certificate', async () => {
  const { url } = await serve(mutual)
  const entry = await registries.add(
    draft(url, { verify: true, ca: root, clientCertificate: client.certificate, clientKey: client.key }),
  )
  expect(entry.tls.hasClientCertificate).toBe(true)
  expect((await registries.ping(entry.id)).authentication).toBe('none')
  expect(await onDisk()).toContain('BEGIN CERTIFICATE')
  expect(await onDisk()).not.toContain('PRIVATE KEY')
  expect(JSON.stringify(await registries.list())).not.toMatch(/BEGIN/)
  expect(await vault.get(`registry:${entry.id}:key`)).toBe(client.key)
  // an edited draft borrows what it leaves out
  expect((await registries.test(draft(url, { verify: true }), entry.id)).authentication).toBe('none')
  await registries.update(entry.id, draft(url, { verify: true, clientCertificate: null }))
  expect(await vault.get(`registry:${entry.id}:key`)).toBeUndefined()
  expect((await failureIn(registries.ping(entry.id))).kind).toBe('unauthorized')
})

test('what was said of one registry is not said of another: a new address loses it', async () => {
  const { url } = await serve(mutual)
  const entry = await registries.add(
    draft(url, { verify: false, ca: root, clientCertificate: client.certificate, clientKey: client.key }),
  )
  const moved = await registries.update(entry.id, draft('https://elsewhere.test'))
  expect(moved.tls).toEqual({ verify: true, hasCa: false, hasClientCertificate: false })
  expect(await vault.get(`registry:${entry.id}:key`)).toBeUndefined()
})

test('a certificate whose key the vault has forgotten is not said to be there', async () => {
  const { id } = await registries.add(
    draft('https://registry.test', {
      verify: true,
      clientCertificate: client.certificate,
      clientKey: client.key,
    }),
  )
  await vault.remove(`registry:${id}:key`)
  expect((await registries.list())[0]?.tls.hasClientCertificate).toBe(false)
})

test('removing an entry removes its key', async () => {
  const entry = await registries.add(
    draft('https://registry.test', {
      verify: true,
      clientCertificate: client.certificate,
      clientKey: client.key,
    }),
  )
  await registries.remove(entry.id)
  expect(await vault.get(`registry:${entry.id}:key`)).toBeUndefined()
})

const wrong: Array<[string, RegistryDraft['tls'], RegExp]> = [
  ['no certificate', { verify: true, ca: 'hello' }, /no certificate/],
  ['a key among authorities', { verify: true, ca: root + client.key }, /field for the key/],
  ['a certificate without its key', { verify: true, clientCertificate: client.certificate }, /together/],
  ['a key without its certificate', { verify: true, clientKey: client.key }, /together/],
  [
    'another key',
    { verify: true, clientCertificate: client.certificate, clientKey: chains.good.key },
    /is not that of/,
  ],
]
for (const [what, tls, words] of wrong) {
  test(`${what} is refused before anything is kept`, async () => {
    const failure = await failureIn(registries.add(draft('https://registry.test', tls)))
    expect(failure).toMatchObject({ kind: 'input-invalid' })
    expect(failure.message).toMatch(words)
    expect(JSON.stringify(failure)).not.toContain('PRIVATE')
    expect(await registries.list()).toEqual([])
  })
}

test('authorities and client certificates of certs.d are used, and the report says which file vouches', async () => {
  const { url, host } = await serve(mutual)
  const folder = join(directory, 'certs.d', host)
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'ca.crt'), root)
  await writeFile(join(folder, 'client.cert'), client.certificate)
  await writeFile(join(folder, 'client.key'), client.key)
  await writeFile(join(folder, 'broken.crt'), 'hello')
  const entry = await registries.add(draft(url))
  expect((await registries.ping(entry.id)).authentication).toBe('none')
  expect(await registries.tlsReport(draft(url), entry.id)).toMatchObject({
    host,
    trusted: true,
    trustedBy: [join(folder, 'ca.crt')],
    problems: [],
    unread: [join(folder, 'broken.crt')],
  })
})

test('the report of a draft says what is missing, and that nothing is verified', async () => {
  const { url } = await serve({ tls: chains.good })
  expect(await registries.tlsReport(draft(url, { verify: false }), undefined)).toMatchObject({
    trusted: false,
    problems: ['unknown-authority', 'not-verified'],
  })
  expect(await registries.tlsReport(draft(url, { verify: true, ca: root }), undefined)).toMatchObject({
    trusted: true,
    trustedBy: ['entry'],
  })
})
