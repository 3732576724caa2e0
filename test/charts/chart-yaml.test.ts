import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readChartYaml } from '../../electron/charts/chart-yaml.ts'
import { FailureError } from '../../shared/model/failure.ts'
import { archiveOf, chartYaml } from '../fakes/charts.ts'
import { type Helm, openHelm } from '../lab/helm.ts'

let helm: Helm
beforeAll(async () => {
  helm = await openHelm()
})
afterAll(() => helm.close())

function failureOf(text: string | Uint8Array) {
  try {
    readChartYaml(Buffer.from(text))
  } catch (error) {
    if (error instanceof FailureError) return error.failure
    throw error
  }
  return undefined
}

/** Whether helm itself can load a chart with this Chart.yaml. */
async function helmTakes(text: string): Promise<boolean> {
  const path = join(helm.directory, 'x.tgz')
  await writeFile(path, await archiveOf([{ name: 'x/Chart.yaml', body: text }]))
  return helm.run(['show', 'chart', path]).then(
    () => true,
    () => false,
  )
}

const x = 'apiVersion: v2\nname: x\nversion: 1.0.0\n'

describe('Chart.yaml', () => {
  it.each([
    ['without apiVersion', 'name: x\nversion: 1.0.0\n', true],
    ['without a name', 'apiVersion: v2\nversion: 1.0.0\n', false],
    ['without a version', 'apiVersion: v2\nname: x\n', false],
    ['with a path as name', 'apiVersion: v2\nname: a/b\nversion: 1.0.0\n', false],
    ['with a parent as name', 'apiVersion: v2\nname: ../x\nversion: 1.0.0\n', false],
    ['with a number as version', 'apiVersion: v2\nname: x\nversion: 1.0\n', true],
    ['with a short version', 'apiVersion: v2\nname: x\nversion: v1.2\n', true],
    ['with a version that is none', 'apiVersion: v2\nname: x\nversion: latest\n', false],
    ['with four parts in its version', 'apiVersion: v2\nname: x\nversion: 1.2.3.4\n', false],
    ['with an unknown type', `${x}type: service\n`, false],
    ['with text where a list belongs', `${x}keywords: one\n`, false],
    ['with a list where text belongs', `${x}description: [a]\n`, false],
    ['with text where a flag belongs', `${x}deprecated: "yes"\n`, false],
    ['with YAML 1.1 flags', `${x}deprecated: on\n`, true],
    ['with a key twice', `${x}description: a\ndescription: b\n`, true],
    ['with two dependencies of one name', `${x}dependencies: [{name: a}, {name: a}]\n`, false],
    ['with an alias that is none', `${x}dependencies: [{name: a, alias: "a b"}]\n`, false],
    ['with an empty maintainer', `${x}maintainers: [~]\n`, false],
    ['with a second document', `${x}---\nname: y\n`, true],
    ['with a tab as indent', `${x}annotations:\n\ta: b\n`, false],
    ['that is a list', '- a\n', false],
    ['that is empty', '', false],
    ['with fields in another case', 'apiversion: v2\nName: x\nVERSION: 1.0.0\n', true],
    ['with a byte order mark', `\uFEFF${x}`, true],
    ['with leading zeros in its version', 'apiVersion: v2\nname: x\nversion: 01.2.3\n', true],
    ['with a slash escaped as in JSON', `${x}description: "a\\/b"\n`, false],
    ['with a ship in halves as in JSON', `${x}description: "\\ud83d\\udea2"\n`, false],
    ['with a backslash before a slash', `${x}description: "a\\\\/b \\u00e9"\n`, true],
    ['with an empty prerelease', 'apiVersion: v2\nname: x\nversion: 1.2.3-\n', false],
  ])('%s is taken or refused as by helm', async (_what, text, taken) => {
    expect(await helmTakes(text)).toBe(taken)
    expect(failureOf(text)?.kind).toBe(taken ? undefined : 'chart-invalid')
  })

  it('refuses an apiVersion it cannot publish', () => {
    expect(failureOf(chartYaml().replace('v2', 'v3'))?.message).toContain('"apiVersion"')
  })

  it.each([
    ['name', 'apiVersion: v2\nversion: 1.0.0\n'],
    ['version', 'apiVersion: v2\nname: x\n'],
    ['keywords', `${x}keywords: one\n`],
    ['maintainers[0].email', `${x}maintainers: [{name: a, email: [b]}]\n`],
  ])('names the field %s', (field, text) => {
    expect(failureOf(text)?.message).toContain(`"${field}"`)
  })

  it('names the line that does not parse', () => {
    expect(failureOf(`${x}keywords: [a\nhome: b\n`)?.evidence).toContainEqual({
      fact: 'line',
      value: expect.stringMatching(/^[45]$/),
    })
  })

  it.each([
    ['aliases that multiply', `${x}a: &a [x,x,x,x,x,x,x,x,x]\n${bombLines()}`],
    ['nesting without end', `${x}a: ${'['.repeat(50_000)}`],
    ['bytes that are no UTF-8', Buffer.from([0x6e, 0x61, 0x6d, 0x65, 0x3a, 0x20, 0xff, 0xfe])],
    ['NUL bytes', Buffer.alloc(1000)],
  ])('%s is a Failure and no crash', (_what, text) => {
    expect(failureOf(text)).toMatchObject({ kind: 'chart-invalid', answeredBy: 'chartroom' })
  })

  it('keeps fields it does not know and does not let them touch prototypes', () => {
    const metadata = readChartYaml(Buffer.from(`${x}more: {count: 1_000_000}\n__proto__: {polluted: true}\n`))
    expect(metadata['more']).toEqual({ count: 1_000_000 })
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
    expect(metadata.name).toBe('x')
  })
})

function bombLines(): string {
  const names = 'bcdefghij'
  return [...names]
    .map((name, index) => `${name}: &${name} [${Array(9).fill(`*${'abcdefghij'[index]}`).join(',')}]`)
    .join('\n')
}
