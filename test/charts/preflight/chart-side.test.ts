import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createCleartextMessage, generateKey, sign } from 'openpgp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { digestOf } from '../../../electron/oci/digest.ts'
import { archiveOf, chartArchive, chartEntries, chartYaml } from '../../fakes/charts.ts'
import { closedPort } from '../../fakes/mirror.ts'
import { openPreflightLab, type PreflightLab } from './preflight-lab.ts'

// what is said of a file, with a registry that is not there: none of it needs one
let lab: PreflightLab
let registryId: string

beforeAll(async () => {
  lab = await openPreflightLab()
  registryId = await lab.add(`http://${closedPort}`)
})
afterAll(() => lab.close())

const fly = async (bytes: Uint8Array, path = 'charts') => lab.fly(await lab.take(bytes), registryId, path)
const flyChart = async (options: Parameters<typeof chartArchive>[0], path?: string) =>
  fly(await chartArchive(options), path)

describe('the version', () => {
  test.each([
    ['1.2.3', 'ok', 'version-strict', '1.2.3'],
    ['1.2.3-rc.1+build.7', 'ok', 'version-tag', '1.2.3-rc.1_build.7'],
    ['v1.2.3', 'warn', 'version-not-strict', 'v1.2.3'],
    ['1.2', 'warn', 'version-not-strict', '1.2'],
    ['01.2.3', 'warn', 'version-not-strict', '01.2.3'],
  ])('%s is %s', async (version, outcome, finding, tag) => {
    const { of } = await flyChart({ version: JSON.stringify(version) })
    expect(of('version')).toMatchObject({ outcome, finding, values: { version, tag } })
  })

  test('that is longer than a tag may be is blocked, and then there is no tag to look at', async () => {
    const { of } = await flyChart({ version: `1.0.0-${'a'.repeat(130)}` })
    expect(of('version')).toMatchObject({ outcome: 'blocked', finding: 'version-no-tag' })
    expect(of('name')).toMatchObject({ outcome: 'skipped', values: { because: 'version' } })
  })
})

describe('the name', () => {
  test('makes a repository with the path', async () => {
    const { of } = await flyChart({ name: 'cart' }, 'team/charts')
    expect(of('name')).toMatchObject({ outcome: 'ok', values: { repository: 'team/charts/cart' } })
  })

  test.each([
    ['Cart', 'charts', 'name-upper-case'],
    ['cart..x', 'charts', 'name-invalid'],
    ['cart', 'a'.repeat(251), 'name-invalid'],
  ])('%s below a path of its kind is blocked', async (name, path, finding) => {
    const { of, report } = await flyChart({ name }, path)
    expect(of('name')).toMatchObject({ outcome: 'blocked', finding, failure: { kind: 'reference-invalid' } })
    expect(report.ready).toBe(false)
  })
})

describe('what is in the file', () => {
  test('a file that is no archive blocks the archive, and what is in it is not looked at', async () => {
    const { of } = await fly(Buffer.from('these are notes'))
    expect(of('archive')).toMatchObject({ outcome: 'blocked', failure: { kind: 'archive-invalid' } })
    expect(of('chart')).toMatchObject({ outcome: 'skipped', values: { because: 'archive' } })
    expect(of('registry').outcome).toBe('blocked')
  })

  test('a Chart.yaml that is none is blocked by itself: the archive can be read', async () => {
    const { of } = await fly(await archiveOf([{ name: 'cart/Chart.yaml', body: 'apiVersion: v9\n' }]))
    expect(of('archive')).toMatchObject({ outcome: 'ok', finding: 'archive-readable' })
    expect(of('chart')).toMatchObject({ outcome: 'blocked', failure: { kind: 'chart-invalid' } })
    expect(of('values')).toMatchObject({ outcome: 'skipped', values: { because: 'chart' } })
  })

  test.each([
    ['deprecated: true\n', 'chart-deprecated'],
    ['type: library\n', 'chart-library'],
  ])('Chart.yaml with %j is noted', async (more, finding) => {
    expect((await flyChart({ more })).of('chart')).toMatchObject({ outcome: 'note', finding })
  })

  test('a dependency that is not there and values against their schema are told', async () => {
    const more =
      'dependencies:\n  - name: redis\n    version: ^19.0.0\n    repository: https://charts.invalid\n'
    const schema = { type: 'object', properties: { replicas: { type: 'string' } } }
    const { of, report } = await fly(
      await archiveOf([
        ...chartEntries({ more }),
        { name: 'cart/values.schema.json', body: JSON.stringify(schema) },
      ]),
    )
    expect(of('dependencies')).toMatchObject({ finding: 'dependencies-missing', values: { names: 'redis' } })
    expect(of('values')).toMatchObject({ outcome: 'warn', finding: 'values-mismatch' })
    expect(report.checks.map(({ check }) => check)[0]).toBe('archive')
  })
})

describe('provenance', () => {
  const fileName = 'cart-1.0.0.tgz'
  const provOf = async (digest: string) => {
    const key = await generateKey({ userIDs: [{ name: 'Captain' }], format: 'object' })
    const text = `${chartYaml()}\n...\nfiles:\n  ${fileName}: ${digest}\n`
    const message = await createCleartextMessage({ text })
    return { key, text: await sign({ message, signingKeys: key.privateKey }) }
  }
  const flyWith = async (bytes: Uint8Array, provenance: string) =>
    (await lab.fly(await lab.take(bytes, { fileName, provenance }), registryId)).of('provenance')

  test('of this file is not verified without a keyring, and says so; with helm’s own keyring it is', async () => {
    const bytes = await chartArchive()
    const { key, text } = await provOf(digestOf(bytes))
    expect(await flyWith(bytes, text)).toMatchObject({ outcome: 'note', finding: 'provenance-unverified' })
    await mkdir(join(lab.home, '.gnupg'))
    await writeFile(join(lab.home, '.gnupg/pubring.gpg'), key.publicKey.write())
    expect(await flyWith(bytes, text)).toMatchObject({
      outcome: 'ok',
      finding: 'provenance-verified',
      values: { signer: expect.stringContaining('Captain') as unknown },
    })
  })

  test('of other content is blocked', async () => {
    const { text } = await provOf(`sha256:${'0'.repeat(64)}`)
    expect(await flyWith(await chartArchive(), text)).toMatchObject({
      outcome: 'blocked',
      finding: 'provenance-other-content',
    })
  })
})
