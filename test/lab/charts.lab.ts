import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Finding } from '../../electron/charts/finding.ts'
import { checkProvenance } from '../../electron/charts/provenance.ts'
import { uploadModeSchema } from '../../shared/model/upload.ts'
import { chartYaml } from '../fakes/charts.ts'
import { openTools } from './clients.ts'
import { ourClient, ourPull, ourPush, ourTags } from './ours.ts'
import { sha256 } from './samples.ts'
import { serverFor, servers } from './servers.ts'
import { createSigningKey, type SigningKey } from './signing-key.ts'

const version = '1.2.3+build.7'
const tag = '1.2.3_build.7'
const file = `cart-${version}.tgz`

let opened: Awaited<ReturnType<typeof openTools<'helm' | 'crane' | 'oras'>>>
let key: SigningKey

beforeAll(async () => {
  opened = await openTools(['helm', 'crane', 'oras'])
  key = await createSigningKey()
  const { helm } = opened.tools
  const chart = join(helm.directory, 'cart')
  await mkdir(join(chart, 'templates'), { recursive: true })
  await writeFile(join(chart, 'Chart.yaml'), chartYaml('cart', version))
  await helm.run('package', 'cart', '--sign', '--key', key.name, '--keyring', key.secret)
})
afterAll(() => Promise.all([opened.close(), key.close()]))

/** The keys of a binary keyring as gpg --armor has them. */
async function armored(keyring: string): Promise<Buffer> {
  const words = ['--no-default-keyring', '--keyring', keyring, '--armor', '--export']
  const { stdout } = await promisify(execFile)('gpg', ['--homedir', dirname(keyring), '--batch', ...words])
  return Buffer.from(stdout)
}

/** `publish` of our command line; answers with the one object it prints. */
async function publish(url: string, path: string, mode: string): Promise<{ ok: boolean; digest: string }> {
  const { helm } = opened.tools
  const cli = fileURLToPath(new URL('../../electron/cli.ts', import.meta.url))
  const words = [cli, 'publish', '--registry', url, '--path', path, '--mode', mode]
  const { stdout } = await promisify(execFile)(process.execPath, [...words, join(helm.directory, file)], {
    env: helm.env,
  })
  return JSON.parse(stdout) as { ok: boolean; digest: string }
}

/** Of the chart and, where it is there, of its provenance; in their own order, as helm lists layers. */
async function digestsIn(directory: string): Promise<string[]> {
  const files = (await readdir(directory)).filter((name) => name.startsWith(file))
  const digests = await Promise.all(files.map(async (name) => sha256(await readFile(join(directory, name)))))
  return digests.toSorted()
}

describe('what helm package --sign signed with a key of gpg', () => {
  test.each([
    ['its binary keyring', (name: string) => readFile(name)],
    ['the same keys armored', armored],
  ])('is verified with %s', async (_what, read) => {
    expect(await check(await read(key.public))).toMatchObject({ outcome: 'ok', values: { signer: key.name } })
  })

  test('is said to be signed by a stranger where the keyring has other keys', async () => {
    const stranger = await createSigningKey()
    try {
      const found = await check(await readFile(stranger.public))
      expect(found).toMatchObject({ outcome: 'warn', finding: 'provenance-unknown-key' })
    } finally {
      await stranger.close()
    }
  })

  async function check(keyring: Uint8Array): Promise<Finding> {
    const path = join(opened.tools.helm.directory, file)
    const prov = await readFile(`${path}.prov`)
    return checkProvenance({ prov, fileName: file, digest: sha256(await readFile(path)), keyring })
  }
})

describe.each(servers)('with $name', (server) => {
  const { url, host } = serverFor(server)
  let exported: string

  test('a signed chart helm pushes, with + in its version, we list, read and export', async () => {
    const { helm } = opened.tools
    await helm.run('push', file, `oci://${host()}/theirs`, '--plain-http')
    expect(await ourTags(url(), 'theirs/cart')).toEqual([tag])
    const client = ourClient(url())
    const { bytes } = await client.getManifest('theirs/cart', tag)
    const { layers } = JSON.parse(Buffer.from(bytes).toString()) as { layers: { digest: string }[] }
    expect(layers.map(({ digest }) => digest)).toEqual(await digestsIn(helm.directory))
    for (const { digest } of layers) {
      expect(sha256(await client.getBlob('theirs/cart', digest))).toBe(digest)
    }
    exported = await mkdtemp(join(helm.directory, 'layout-'))
    const { digest } = await ourPull({ url: url(), repository: 'theirs/cart', tag }, exported)
    expect(digest).toBe(sha256(bytes))
  })

  test.each(uploadModeSchema.options)('a signed chart we push %s helm pulls and verifies', async (mode) => {
    const { helm } = opened.tools
    await ourPush(exported, { url: url(), repository: `copied/${mode}/cart`, tag }, mode)
    const keyring = ['--verify', '--keyring', key.public]
    const directory = await pull(`copied/${mode}/cart`, ...keyring)
    expect(await digestsIn(directory)).toEqual(await digestsIn(helm.directory))
  })

  test.each(uploadModeSchema.options)(
    'a signed chart we publish %s helm pulls and verifies',
    async (mode) => {
      const { helm, crane, oras } = opened.tools
      const published = await publish(url(), `ours/${mode}`, mode)
      // of the same file helm made the same manifest above
      const { digest } = await ourClient(url()).getManifest('theirs/cart', tag)
      expect(published).toMatchObject({ ok: true, digest })
      const pulled = await pull(`ours/${mode}/cart`, '--verify', '--keyring', key.public)
      expect(await digestsIn(pulled)).toEqual(await digestsIn(helm.directory))
      const reference = `${host()}/ours/${mode}/cart:${tag}`
      expect((await crane.run('digest', '--insecure', reference)).trim()).toBe(published.digest)
      expect((await oras.run('resolve', '--plain-http', reference)).trim()).toBe(published.digest)
    },
  )

  /** helm pull into a folder of its own, which it answers with. */
  async function pull(repository: string, ...options: string[]): Promise<string> {
    const { helm } = opened.tools
    const directory = await mkdtemp(join(helm.directory, 'pulled-'))
    const chart = `oci://${host()}/${repository}`
    await helm.run('pull', chart, '--version', version, '--plain-http', '-d', directory, ...options)
    return directory
  }
})
