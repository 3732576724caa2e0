import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readChartArchive } from '../../electron/charts/archive.ts'
import { readChartYaml } from '../../electron/charts/chart-yaml.ts'
import { checkDependencies } from '../../electron/charts/dependencies.ts'
import type { Finding } from '../../electron/charts/finding.ts'
import { archiveOf, chartYaml, type Entry } from '../fakes/charts.ts'
import { type Helm, openHelm } from '../lab/helm.ts'

let helm: Helm
let folders = 0
beforeAll(async () => {
  helm = await openHelm()
})
afterAll(() => helm.close())

async function checkFile(path: string): Promise<Finding> {
  const archive = await readChartArchive(path)
  return checkDependencies(archive, readChartYaml(archive.chartYaml, archive.requirementsYaml))
}

/** A chart's .tgz with these files. */
async function chartOf(files: Record<string, string | Buffer>): Promise<string> {
  const entries: Entry[] = Object.entries(files).map(([name, body]) => ({ name: `cart/${name}`, body }))
  const path = join(helm.directory, `cart-${(folders += 1)}.tgz`)
  await writeFile(path, await archiveOf(entries))
  return path
}

/** Whether helm installs it, as far as that can be tried without a cluster. */
function helmInstalls(path: string): Promise<boolean> {
  return helm.run(['template', path]).then(
    () => true,
    () => false,
  )
}

const declaring = (list: string) => chartYaml('cart', '1.0.0', `dependencies: [${list}]\n`)
const onSub = '{name: sub, version: ^1.0.0, repository: ""}'
const sub = { 'charts/sub/Chart.yaml': chartYaml('sub') }

describe('declared dependencies', () => {
  it('that are none are fine', async () => {
    const path = await chartOf({ 'Chart.yaml': chartYaml(), ...sub })
    expect(await checkFile(path)).toMatchObject({ outcome: 'ok', finding: 'dependencies-none' })
  })

  it.each([
    ['in a folder', onSub, sub],
    ['under an alias', '{name: sub, alias: front, version: 1.x, repository: ""}', sub],
    [
      'twice under two aliases',
      `${onSub.replace('name', 'alias: a, name')}, ${onSub.replace('name', 'alias: b, name')}`,
      sub,
    ],
    [
      'turned off',
      '{name: sub, version: "*", repository: "", condition: sub.enabled}',
      { ...sub, 'values.yaml': 'sub: {enabled: false}\n' },
    ],
    ['in a folder of another name', onSub, { 'charts/other-folder/Chart.yaml': chartYaml('sub') }],
  ])('%s are there, and helm installs the chart', async (_what, list, files) => {
    const path = await chartOf({ 'Chart.yaml': declaring(list), ...files })
    expect(await checkFile(path)).toMatchObject({ outcome: 'ok', finding: 'dependencies-present' })
    expect(await helmInstalls(path)).toBe(true)
  })

  it('in an archive in charts/ are there', async () => {
    const inner = await archiveOf([{ name: 'sub/Chart.yaml', body: chartYaml('sub', '1.4.0') }])
    const path = await chartOf({ 'Chart.yaml': declaring(onSub), 'charts/sub-1.4.0.tgz': inner })
    expect(await checkFile(path)).toMatchObject({ finding: 'dependencies-present', values: { count: '1' } })
  })

  it('that are missing are named, and helm does not install the chart', async () => {
    const path = await chartOf({
      'Chart.yaml': declaring(
        `${onSub}, {name: two, version: "1"}, {name: three, version: "1", condition: no}`,
      ),
      ...sub,
    })
    expect(await checkFile(path)).toMatchObject({
      outcome: 'warn',
      finding: 'dependencies-missing',
      values: { names: 'two, three' },
    })
    expect(await helmInstalls(path)).toBe(false)
  })

  it('known by their alias alone are missing', async () => {
    const path = await chartOf({
      'Chart.yaml': declaring('{name: other, alias: sub, version: 1.0.0}'),
      ...sub,
    })
    expect(await checkFile(path)).toMatchObject({
      finding: 'dependencies-missing',
      values: { names: 'other' },
    })
    expect(await helmInstalls(path)).toBe(false)
  })

  it('in another version are named with both, and helm installs them all the same', async () => {
    const path = await chartOf({ 'Chart.yaml': declaring(onSub.replace('^1', '^2')), ...sub })
    expect(await checkFile(path)).toMatchObject({
      outcome: 'warn',
      finding: 'dependencies-version',
      values: { name: 'sub', wanted: '^2.0.0', found: '1.0.0' },
    })
    expect(await helmInstalls(path)).toBe(true)
  })

  it.each(['latest', ''])('of the version "%s" are said to have none', async (version) => {
    const path = await chartOf({ 'Chart.yaml': declaring(`{name: sub, version: "${version}"}`), ...sub })
    expect(await checkFile(path)).toMatchObject({ outcome: 'warn', finding: 'dependencies-range' })
  })

  it('leave what else is in charts/ worth a note', async () => {
    const path = await chartOf({
      'Chart.yaml': declaring(onSub),
      ...sub,
      'charts/more/Chart.yaml': chartYaml('more'),
    })
    expect(await checkFile(path)).toMatchObject({
      outcome: 'note',
      finding: 'dependencies-undeclared',
      values: { names: 'more' },
    })
  })

  it('without end are counted, not listed', async () => {
    const list = Array.from({ length: 300 }, (_, at) => `{name: d${at}, version: "1"}`).join(', ')
    const path = await chartOf({ 'Chart.yaml': declaring(list) })
    const { values } = await checkFile(path)
    expect(values['names']).toMatch(/^d0, .* \(\+290\)$/)
  })
})

describe('a lock', () => {
  /** A folder with two charts beside it, whose lock helm wrote. */
  async function locked(apiVersion: 'v1' | 'v2'): Promise<string> {
    const root = join(helm.directory, `lock-${(folders += 1)}`)
    const list = `dependencies:
- {name: one, version: ">=1 <2", repository: "file://../one", alias: first, condition: "first.enabled", tags: [a, "<&>"]}
- {name: two, version: "*", repository: "file://../two", import-values: [x, {child: a, parent: b}]}
`
    const files: Record<string, string> = {
      'one/Chart.yaml': chartYaml('one', '1.5.0'),
      'two/Chart.yaml': chartYaml('two', '0.1.0'),
      'cart/Chart.yaml':
        apiVersion === 'v2' ? `${chartYaml()}${list}` : 'apiVersion: v1\nname: cart\nversion: 1.0.0\n',
      ...(apiVersion === 'v1' ? { 'cart/requirements.yaml': list } : {}),
    }
    for (const [name, body] of Object.entries(files)) {
      await mkdir(dirname(join(root, name)), { recursive: true })
      await writeFile(join(root, name), body)
    }
    await helm.run(['dependency', 'update', 'cart'], root)
    return root
  }

  it.each(['v2', 'v1'] as const)(
    'helm wrote for a chart of %s is in step until the chart declares another version',
    async (apiVersion) => {
      const root = await locked(apiVersion)
      await helm.run(['package', 'cart'], root)
      const packed = join(root, 'cart-1.0.0.tgz')
      expect(
        (await readChartArchive(packed)).files.has(apiVersion === 'v2' ? 'Chart.lock' : 'requirements.lock'),
      ).toBe(true)
      expect(await checkFile(packed)).toMatchObject({ outcome: 'ok', finding: 'dependencies-present' })

      const declared = join(root, 'cart', apiVersion === 'v2' ? 'Chart.yaml' : 'requirements.yaml')
      const archive = await readChartArchive(packed)
      const text = Buffer.from(
        (apiVersion === 'v2' ? archive.chartYaml : archive.requirementsYaml) ?? [],
      ).toString()
      await writeFile(declared, text.replace(/>=\s*1 <\s*2/, '>=1 <3'))
      await helm.run(['package', 'cart'], root)
      expect(await checkFile(packed)).toMatchObject({ outcome: 'note', finding: 'dependencies-lock-stale' })
      const built = await helm.run(['dependency', 'build', 'cart'], root).then(() => '', String)
      expect(built).toContain('out of sync')
    },
  )

  it('that is broken is in the way, for helm does not load the chart', async () => {
    const path = await chartOf({ 'Chart.yaml': declaring(onSub), ...sub, 'Chart.lock': 'digest: [a\n' })
    expect(await checkFile(path)).toMatchObject({
      outcome: 'blocked',
      finding: 'dependencies-lock-unreadable',
      values: { file: 'Chart.lock' },
    })
    expect(await helmInstalls(path)).toBe(false)
  })
})
