import { mkdir, readFile, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readChartFolder } from '../../../electron/charts/package/read-folder.ts'
import { chartFolders, commonArchive, type Folder, writeFolder } from '../../fakes/chart-folders.ts'
import { chartYaml } from '../../fakes/charts.ts'
import { type Helm, openHelm } from '../../lab/helm.ts'
import { folderFor, helmPackage, ourPackage } from '../../lab/packages.ts'

let helm: Helm
beforeAll(async () => {
  helm = await openHelm()
})
afterAll(() => helm.close())

async function made(name: string, folder: Folder): Promise<string> {
  const root = await folderFor(helm, name)
  await writeFolder(root, folder)
  return root
}

describe('a packaged folder is what helm package makes of it', () => {
  it.each(Object.entries(chartFolders))('%s', async (name, folder) => {
    const root = await made(name, folder)
    if (name === 'locked') await writeFolder(root, { 'charts/common-1.0.0.tgz': await commonArchive() })
    const [theirs, ours] = await Promise.all([helmPackage(helm, root), ourPackage(helm, root)])
    expect(ours.entries).toEqual(theirs.entries)
    expect(basename(ours.file)).toBe(basename(theirs.file))
    const [rendered, renderedOurs] = await Promise.all(
      [theirs, ours].map(({ file }) => helm.run(['template', 'release', file])),
    )
    expect(renderedOurs?.stdout).toBe(rendered?.stdout)
  })

  it('and follows links that stay in it, as helm does', async () => {
    const root = await made('linked', {
      'Chart.yaml': chartYaml('linked'),
      'files/real/a.txt': 'a',
      'files/again': 'link to real',
      'templates/b.yaml': 'link to ../files/real/a.txt',
    })
    const [theirs, ours] = await Promise.all([helmPackage(helm, root), ourPackage(helm, root)])
    expect(ours.entries).toEqual(theirs.entries)
    expect(ours.entries.map(({ name }) => name)).toContain('linked/files/again/a.txt')
  })
})

describe('a package', () => {
  it('is the same for the same folder, whenever its files were changed, once SOURCE_DATE_EPOCH is set', async () => {
    const bytes = await Promise.all(
      [new Date('2020-01-01'), new Date('2024-02-03')].map(async (changed) => {
        const root = await folderFor(helm, 'plain')
        await writeFolder(root, chartFolders.plain, changed)
        return readFile((await ourPackage(helm, root, '1700000000')).file)
      }),
    )
    expect(bytes[0]?.equals(bytes[1] ?? Buffer.alloc(0))).toBe(true)
  })

  it('has the time of its newest file, and the comment helm gives it', async () => {
    const root = await made('plain', chartFolders.plain)
    await writeFolder(root, { 'newest.txt': 'x' }, new Date('2024-02-03T04:05:06.700Z'))
    const bytes = await readFile((await ourPackage(helm, root)).file)
    expect(bytes.subarray(10, 15).toString('latin1')).toBe('Helm\0')
    const times = new Set<string>()
    const tar = gunzipSync(bytes)
    for (let at = 0; tar[at] !== 0;) {
      const size = Number.parseInt(tar.toString('latin1', at + 124, at + 135), 8)
      times.add(new Date(Number.parseInt(tar.toString('latin1', at + 136, at + 147), 8) * 1000).toISOString())
      at += 512 + Math.ceil(size / 512) * 512
    }
    expect([...times]).toEqual(['2024-02-03T04:05:07.000Z'])
  })

  it('is refused for a SOURCE_DATE_EPOCH that is no time', async () => {
    const root = await made('plain', chartFolders.plain)
    await expect(ourPackage(helm, root, 'tomorrow')).rejects.toHaveProperty('failure.kind', 'input-invalid')
  })
})

describe('a folder helm does not package', () => {
  const good = { 'Chart.yaml': chartYaml('cart') }
  it.each([
    ['no Chart.yaml', { 'values.yaml': 'a: 1' }],
    ['a broken Chart.yaml', { 'Chart.yaml': '}' }],
    ['a version that is none', { 'Chart.yaml': chartYaml('cart', 'one') }],
    [
      'a dependency that is missing',
      { 'Chart.yaml': chartYaml('cart', '1.0.0', 'dependencies: [{name: db}]\n') },
    ],
    ['a schema that is no JSON', { ...good, 'values.schema.json': '{' }],
    ['an empty schema', { ...good, 'values.schema.json': '' }],
    ['a Chart.lock of no time', { ...good, 'Chart.lock': 'generated: yesterday\n' }],
    ['a .helmignore with **', { ...good, '.helmignore': '**/x\n' }],
    ['a .helmignore with a broken class', { ...good, '.helmignore': 'a[\n' }],
    ['a .helmignore that leaves all out', { ...good, '.helmignore': '!nothing\n' }],
    ['a loose file in charts/', { ...good, 'charts/README.md': 'hello' }],
    ['a broken archive in charts/', { ...good, 'charts/db.tgz': 'text' }],
    ['a link that leads nowhere', { ...good, 'a.txt': 'link to nowhere' }],
    ['a file above 5 MiB', { ...good, 'big.bin': Buffer.alloc(5 * 1024 * 1024 + 1) }],
  ] as Array<[string, Folder]>)('has %s, and Chartroom refuses it too', async (_what, folder) => {
    const root = await made('cart', folder)
    await expect(helmPackage(helm, root)).rejects.toThrow()
    await expect(ourPackage(helm, root)).rejects.toHaveProperty('failure')
  })
})

describe('a folder that would publish or put together what it should not is refused by name', () => {
  it.each([
    ['a link out of it', { 'key.txt': 'link to /etc/hostname' }, 'key.txt'],
    ['a link to a directory out of it', { shared: 'link to ../..' }, 'shared'],
    ['a link to a directory it lies in', { 'files/loop': 'link to ..' }, 'files/loop'],
  ])('%s', async (_what, folder, named) => {
    const root = await made('cart', { 'Chart.yaml': chartYaml('cart'), 'files/a.txt': 'a', ...folder })
    await expect(ourPackage(helm, root)).rejects.toHaveProperty('failure.evidence', [
      { fact: 'entry', value: named },
    ])
  })

  it('two subcharts of one name, which helm puts into one directory', async () => {
    const root = await made('cart', {
      'Chart.yaml': chartYaml('cart'),
      'charts/one/Chart.yaml': chartYaml('db', '1.0.0'),
      'charts/two/Chart.yaml': chartYaml('db', '2.0.0'),
    })
    await expect(ourPackage(helm, root)).rejects.toHaveProperty('failure.kind', 'chart-invalid')
  })

  it('a file that has become a directory when it is its turn', async () => {
    const root = await made('cart', { 'Chart.yaml': chartYaml('cart'), 'b.txt': 'b' })
    const files = await readChartFolder(root)
    await rm(join(root, 'b.txt'))
    await mkdir(join(root, 'b.txt'))
    await expect(files.find(({ path }) => path === 'b.txt')?.read()).rejects.toHaveProperty('failure')
  })
})
