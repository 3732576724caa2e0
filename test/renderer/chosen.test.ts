import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createIntake, type Intake } from '../../electron/charts/intake.ts'
import { readChartArchive } from '../../electron/charts/archive.ts'
import {
  type Chosen,
  type ChosenFolder,
  chosenFolders,
  chosenIn,
  isFolder,
} from '../../renderer/state/chosen.ts'
import { folderTar } from '../../renderer/state/folder-tar.ts'
import { chartLimits } from '../../shared/model/chart.ts'
import { chartYaml } from '../fakes/charts.ts'

type Tree = { readonly [name: string]: string | Tree }

const chart: Tree = {
  '.helmignore': 'node_modules/\n*.tmp\n',
  'Chart.yaml': chartYaml('cart'),
  'a.tmp': 'x',
  node_modules: { huge: { 'index.js': 'x' } },
  templates: { 'ünï.yaml': 'a: 1\n', ['long'.repeat(40)]: { 'deep.yaml': 'b: 1\n' } },
}

/** A directory as a drop hands it out; what is asked of it is noted in `asked`. */
function entryOf(name: string, tree: string | Tree, asked: string[] = []): FileSystemEntry {
  if (typeof tree === 'string') {
    const file = new File([tree], name, { lastModified: 1_700_000_000_400 })
    return {
      name,
      isFile: true,
      isDirectory: false,
      file: (give: (file: File) => void) => give(file),
    } as never
  }
  const children = Object.entries(tree).map(([inside, content]) => entryOf(inside, content, asked))
  const createReader = () => {
    asked.push(name)
    const left = [...children]
    // browsers hand a directory out in lots
    return { readEntries: (give: (lot: FileSystemEntry[]) => void) => give(left.splice(0, 2)) }
  }
  return { name, isFile: false, isDirectory: true, createReader } as never
}

function dropOf(...entries: FileSystemEntry[]): DataTransfer {
  const items = entries.map((entry) => ({
    kind: 'file',
    webkitGetAsEntry: () => entry,
    getAsFile: () => new File(['x'], entry.name),
  }))
  return { items: [...items, { kind: 'string' }] } as never
}

/** The files of an input that chose a folder. */
function inputOf(name: string, tree: Tree): File[] {
  return Object.entries(tree).flatMap(([inside, content]) => {
    const path = `${name}/${inside}`
    if (typeof content !== 'string') return inputOf(path, content)
    const file = new File([content], inside, { lastModified: 1_700_000_000_400 })
    Object.defineProperty(file, 'webkitRelativePath', { value: path })
    return [file]
  })
}

const folderIn = (chosen: readonly Chosen[]): ChosenFolder => {
  const folder = chosen.find(isFolder)
  if (folder === undefined) throw new Error('no folder was chosen')
  return folder
}

describe('what is dropped', () => {
  it('is files and folders; what .helmignore names is not walked into', async () => {
    const asked: string[] = []
    const chosen = chosenIn(dropOf(entryOf('cart', chart, asked), entryOf('other-1.0.0.tgz', 'bytes')))
    expect(chosen.map(({ name }) => name)).toEqual(['cart', 'other-1.0.0.tgz'])
    expect(chosen.map(isFolder)).toEqual([true, false])
    const files = await folderIn(chosen).list()
    const paths = files.map(({ path }) => path)
    expect(paths).toEqual([
      '.helmignore',
      'Chart.yaml',
      'templates/ünï.yaml',
      `templates/${'long'.repeat(40)}/deep.yaml`,
    ])
    expect(asked).not.toContain('node_modules')
  })

  it.each([
    [
      'a file above its limit',
      { 'Chart.yaml': 'x', big: 'x'.repeat(chartLimits.file + 1) },
      chartLimits.file,
    ],
    ['too deep directories', [...Array(102)].reduce<Tree>((inside) => ({ d: inside }), { x: 'x' }), 100],
  ])('with %s is refused before it is sent', async (_what, tree, limit) => {
    const listing = folderIn(chosenIn(dropOf(entryOf('cart', tree)))).list()
    await expect(listing).rejects.toHaveProperty('failure.evidence.0', {
      fact: 'limit',
      value: String(limit),
    })
  })

  it('that cannot be read is refused by name', async () => {
    const entry = entryOf('cart', {})
    const broken = {
      ...entry,
      createReader: () => ({
        readEntries: (_: unknown, fail: (why: unknown) => void) =>
          fail(new DOMException('x', 'NotFoundError')),
      }),
    }
    const listing = folderIn(chosenIn(dropOf(broken))).list()
    await expect(listing).rejects.toHaveProperty('failure.message', '"cart" could not be read.')
  })
})

describe('a folder that was chosen', () => {
  let directory: string
  let intake: Intake
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'chartroom-chosen-'))
    intake = createIntake({ directory })
  })
  afterEach(async () => {
    await intake.close()
    await rm(directory, { recursive: true })
  })

  it.each([
    ['dropped', () => folderIn(chosenIn(dropOf(entryOf('cart', chart))))],
    ['in a dialog', () => folderIn(chosenFolders(inputOf('cart', chart)))],
  ])('%s reaches the intake as one tar and is packaged', async (_how, choose) => {
    const tar = folderTar(await choose().list())
    const ticket = await intake.acceptFolder(tar.stream())
    expect(await intake.inspect(ticket)).toMatchObject({ fileName: 'cart-1.0.0.tgz', source: 'folder' })
    const { paths } = await readChartArchive((await intake.open(ticket)).path)
    expect(paths).toEqual([
      'Chart.yaml',
      `templates/${'long'.repeat(40)}/deep.yaml`,
      'templates/ünï.yaml',
      '.helmignore',
    ])
  })
})
