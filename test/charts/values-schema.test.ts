import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { chartYaml } from '../fakes/charts.ts'
import { expectAsHelmTemplate, findingOf } from '../fixtures/charts/as-helm-values.ts'
import { valuesCases, valuesCasesForEveryRun } from '../fixtures/charts/values-cases.ts'
import { type Helm, openHelm } from '../lab/helm.ts'

let helm: Helm
let directory: string
beforeAll(async () => {
  helm = await openHelm()
  directory = await mkdtemp(join(tmpdir(), 'chartroom-values-'))
})
afterAll(async () => {
  await helm.close()
  await rm(directory, { recursive: true, force: true })
})

describe('values', () => {
  it.each(valuesCases)('$what: $finding', async (one) => {
    const { finding, values } = await findingOf(one, join(directory, 'cart.tgz'))
    expect(finding).toBe(one.finding)
    expect(one.at).toEqual(one.at && { path: values['path'], chart: values['chart'] })
  })

  it.each(valuesCasesForEveryRun)('helm template says the same of $what', async (one) => {
    await expectAsHelmTemplate(one, join(directory, 'cart.tgz'), (path) => helm.run(['template', path]))
  })

  it('are told all that is wrong with them, the first of it in full', async () => {
    const schema = {
      required: ['x'],
      properties: Object.fromEntries([...'abcdefgh'].map((name) => [name, { type: 'integer' }])),
    }
    const found = await findingOf(
      {
        files: {
          'Chart.yaml': chartYaml(),
          'values.yaml': [...'abcdefgh'].map((name) => `${name}: no\n`).join(''),
          'values.schema.json': JSON.stringify(schema),
        },
      },
      join(directory, 'cart.tgz'),
    )
    expect(found).toMatchObject({ outcome: 'warn', values: { count: '9' } })
    expect(found.message).toMatch(/\(\+4\)\.$/)
  })
})

describe('a hostile chart', () => {
  const text = (files: Record<string, string>) => ({ files: { 'Chart.yaml': chartYaml(), ...files } })
  const doubled = Object.fromEntries(
    Array.from({ length: 40 }, (_, at) => [
      `d${at}`,
      { allOf: [{ $ref: `#/$defs/d${at + 1}` }, { $ref: `#/$defs/d${at + 1}` }] },
    ]),
  )
  const aliases = [...'bcdefghijk'].map(
    (name, at) =>
      `${name}: &${name} [${Array(9)
        .fill(`*${'abcdefghij'[at] ?? ''}`)
        .join(',')}]\n`,
  )

  it.each([
    [
      'whose aliases multiply',
      'values-too-large',
      { 'values.yaml': `a: &a [x]\n${aliases.join('')}`, 'values.schema.json': '{}' },
    ],
    [
      'whose values are nested without end',
      'values-too-large',
      { 'values.yaml': `a: ${'['.repeat(5000)}${']'.repeat(5000)}`, 'values.schema.json': '{}' },
    ],
    [
      'whose values are nested deep',
      'values-too-large',
      { 'values.yaml': `a: ${'['.repeat(500)}${']'.repeat(500)}`, 'values.schema.json': '{}' },
    ],
    [
      'whose values hold themselves',
      'values-too-large',
      { 'values.yaml': 'a: &a [*a]\n', 'values.schema.json': '{}' },
    ],
    [
      'whose values are very long',
      'values-too-large',
      { 'values.yaml': `a: ${'x'.repeat(1024 * 1024)}`, 'values.schema.json': '{}' },
    ],
    [
      'whose schema is very long',
      'values-schema-unknown',
      { 'values.schema.json': `{"title":"${'x'.repeat(1024 * 1024)}"}` },
    ],
    [
      'whose schema is nested without end',
      'values-schema-unknown',
      { 'values.schema.json': `${'{"not":'.repeat(5000)}{}${'}'.repeat(5000)}` },
    ],
  ])('%s is left alone', async (_what, finding, files) => {
    expect(await findingOf(text(files), join(directory, 'cart.tgz'))).toMatchObject({
      outcome: 'skipped',
      finding,
    })
  })

  it('whose schema doubles without end is given up', async () => {
    const schema = { $ref: '#/$defs/d0', $defs: { ...doubled, d40: {} } }
    const path = join(directory, 'cart.tgz')
    const found = await findingOf(text({ 'values.schema.json': JSON.stringify(schema) }), path, {
      check: 500,
      problems: 100,
    })
    expect(found).toMatchObject({
      outcome: 'skipped',
      finding: 'values-schema-slow',
      values: { seconds: '0.5' },
    })
  })

  it('does not reach prototypes by its keys', async () => {
    const found = await findingOf(
      text({
        'values.yaml':
          '__proto__: {polluted: 1}\nconstructor: {prototype: {polluted: 1}}\na: {__proto__: {b: 1}}\n',
        'values.schema.json': '{"properties":{"__proto__":{"type":"string"}},"required":["polluted"]}',
      }),
      join(directory, 'cart.tgz'),
    )
    expect(found.finding).toBe('values-mismatch')
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })

  it('has no more problems than can be said', async () => {
    const clause = { items: { type: 'string' } }
    const found = await findingOf(
      text({
        'values.yaml': `a: [${'1,'.repeat(2000)}1]\n`,
        'values.schema.json': JSON.stringify({
          properties: { a: { allOf: Array.from({ length: 50 }, () => clause) } },
        }),
      }),
      join(directory, 'cart.tgz'),
    )
    expect(found).toMatchObject({ finding: 'values-mismatch', values: { path: '/a/0' } })
    expect(JSON.stringify(found).length).toBeLessThan(10_000)
  })
})
