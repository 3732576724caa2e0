import { execFile } from 'node:child_process'
import { copyFile, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { commandOf } from '../build/run.ts'

/*
 * A lint rule whose glob matches nothing is silent, and so is a wall between projects that was never built.
 * Each test plants one thing that must not be there into a tree of the same shape, judged by our own
 * configuration, and sees it refused.
 */

const target = 'export const thing = 1\n'
const root = fileURLToPath(new URL('..', import.meta.url))
const domains = ['registries', 'charts', 'mirrors', 'pulls', 'relay', 'demo', 'activity', 'settings']
const others = ['oci', 'credentials', 'desktop', 'loopback', 'wire', 'commands']

/**
 * A tree with our configuration. It lies below folders with the names of ours: a rule must go by the place
 * in the repository, not on the disk.
 */
async function makeTree(): Promise<{ path: string; remove(): Promise<void> }> {
  const top = await mkdtemp(join(tmpdir(), 'chartroom-'))
  const path = join(top, 'shared', 'renderer', 'electron')
  for (const file of ['.oxlintrc.json', 'build/oxlint.json', 'build/tsconfig.base.json'])
    await take(path, file)
  return { path, remove: () => rm(top, { recursive: true, force: true }) }
}

async function take(tree: string, file: string): Promise<void> {
  await mkdir(dirname(join(tree, file)), { recursive: true })
  await copyFile(join(root, file), join(tree, file))
}

async function plant(tree: string, files: Record<string, string>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(tree, name)), { recursive: true })
    await writeFile(join(tree, name), text)
  }
}

function runIn(folder: string, script: string, words: string[]): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [script, ...words], { cwd: folder }, (_, stdout, stderr) => {
      resolve({ code: child.exitCode ?? -1, output: stdout + stderr })
    })
  })
}

interface Refused {
  code: string
  filename: string
  labels: { span: { line: number } }[]
}

/** Everything oxlint refuses in the planted files. */
async function refusals(files: Record<string, string>): Promise<Refused[]> {
  const tree = await makeTree()
  try {
    await plant(tree.path, files)
    const words = ['--type-aware', '--deny-warnings', '-f', 'json']
    const { code, output } = await runIn(tree.path, commandOf('oxlint', 'oxlint'), words)
    const { diagnostics } = JSON.parse(output) as { diagnostics: Refused[] }
    expect(code).toBe(diagnostics.length > 0 ? 1 : 0)
    return diagnostics.map((one) => ({ ...one, filename: one.filename.replaceAll('\\', '/') }))
  } finally {
    await tree.remove()
  }
}

/** A module that imports each of `specifiers` on a line of its own, in order. */
function importing(...specifiers: string[]): string {
  const lines = specifiers.map((specifier, index) => `import { thing as t${index} } from '${specifier}'\n`)
  return `${lines.join('')}\nexport const all = [${specifiers.map((_, index) => `t${index}`).join(', ')}]\n`
}

const forbidden: [file: string, specifier: string][] = [
  // shared
  ['shared/model/x.ts', 'node:fs'],
  ['shared/model/x.ts', 'electron'],
  ['shared/model/x.ts', 'react'],
  ['shared/model/x.ts', 'undici'],
  ['shared/contract/x.ts', '../../electron/ports.ts'],
  ['shared/contract/x.ts', '../../renderer/main.tsx'],
  // the main process
  ['electron/app.ts', 'electron'],
  ['electron/cli.ts', 'electron'],
  ['electron/serve.ts', 'electron/main'],
  ['electron/app.ts', 'react'],
  ['electron/app.ts', '../renderer/main.tsx'],
  ['electron/app.ts', '../test/fakes/registry.ts'],
  ['electron/serve.ts', './desktop/window.ts'],
  ['electron/loopback/x.ts', 'electron'],
  ['electron/wire/x.ts', '../../build/bundle.ts'],
  ['electron/main.ts', 'react'],
  ['electron/desktop/x.ts', '../../renderer/main.tsx'],
  // domains
  ...domains.flatMap((domain): [string, string][] => [
    [`electron/${domain}/x.ts`, 'electron'],
    [`electron/${domain}/x.ts`, '@mantine/core'],
    [`electron/${domain}/x.ts`, '@orpc/server'],
    [`electron/${domain}/x.ts`, '../app.ts'],
    [`electron/${domain}/x.ts`, '../loopback/server.ts'],
    [`electron/${domain}/x.ts`, domain === 'pulls' ? '../mirrors/x.ts' : '../pulls/x.ts'],
    [`electron/${domain}/deep/x.ts`, domain === 'pulls' ? '../../mirrors/x.ts' : '../../pulls/x.ts'],
  ]),
  ['electron/demo/x.ts', '../oci/client.ts'],
  ['electron/demo/x.ts', 'undici'],
  ['electron/oci/x.ts', 'electron'],
  ['electron/oci/x.ts', '../registries/registries.ts'],
  ['electron/oci/upload/x.ts', '../../charts/publisher.ts'],
  ['electron/credentials/x.ts', '../app.ts'],
  // the renderer
  ['renderer/pulls/x.tsx', 'node:fs'],
  ['renderer/pulls/x.tsx', 'electron'],
  ['renderer/pulls/x.tsx', 'undici'],
  ['renderer/state/x.ts', '../../electron/app.ts'],
  ['renderer/state/x.ts', '../../test/fakes/app.ts'],
  ['renderer/parts/x.tsx', '../state/wire.tsx'],
  ['renderer/parts/x.tsx', '@tanstack/react-query'],
  ['renderer/parts/x.tsx', '@orpc/client'],
  ['renderer/parts/x.tsx', '../../electron/app.ts'],
]

describe('oxlint refuses', () => {
  let refused: Refused[]
  const linesOf = (file: string) => forbidden.filter(([name]) => name === file).map(([, name]) => name)
  beforeAll(async () => {
    const files = new Set(forbidden.map(([file]) => file))
    const texts = Array.from(files, (file) => [file, importing(...linesOf(file))])
    refused = await refusals(Object.fromEntries(texts))
  })

  test.each(forbidden)('%s importing %s', (file, specifier) => {
    const line = linesOf(file).indexOf(specifier) + 1
    const found = refused.filter((one) => one.filename === file && one.labels[0]?.span.line === line)
    expect(found.map(({ code }) => code)).toContain('eslint(no-restricted-imports)')
  })

  test('an import of a type alone', async () => {
    const file = 'renderer/state/x.ts'
    const text = "import type { App } from '../../electron/app.ts'\n\nexport type Other = App\n"
    expect(await refusals({ [file]: text })).toMatchObject([{ code: 'eslint(no-restricted-imports)' }])
  })

  test('a cycle', async () => {
    const found = await refusals({
      'shared/model/a.ts': "import { b } from './b.ts'\n\nexport const a = () => b\n",
      'shared/model/b.ts': "import { a } from './a.ts'\n\nexport const b = () => a\n",
    })
    expect(found.map(({ code }) => code)).toContain('import(no-cycle)')
  })

  test.each([
    ['a default export', 'electron/x.ts', 'export default 1\n', 'import(no-default-export)'],
    ['any', 'renderer/state/x.ts', 'export const x = (y: any) => y\n', 'typescript(no-explicit-any)'],
    [
      'a suppressed type error',
      'shared/x.ts',
      '// @ts-ignore\nexport const x = 1\n',
      'typescript(ban-ts-comment)',
    ],
    [
      'a promise nobody waits for',
      'electron/x.ts',
      'Promise.resolve(1)\n',
      'typescript(no-floating-promises)',
    ],
    ['console', 'electron/oci/x.ts', "console.log('x')\n", 'eslint(no-console)'],
    [
      'document in shared',
      'shared/x.ts',
      'export const x = document.title\n',
      'eslint(no-restricted-globals)',
    ],
    [
      'process in the renderer',
      'renderer/x.ts',
      'export const x = process.env\n',
      'eslint(no-restricted-globals)',
    ],
    [
      'fetch in parts',
      'renderer/parts/x.ts',
      "export const x = () => fetch('/')\n",
      'eslint(no-restricted-globals)',
    ],
    [
      'a note to do it later',
      'shared/x.ts',
      '// TODO: finish\nexport const x = 1\n',
      'eslint(no-warning-comments)',
    ],
  ])('%s', async (_, file, text, rule) => {
    const found = await refusals({ [file]: text })
    expect(found.map(({ code }) => code)).toContain(rule)
  })
})

test('oxlint lets pass what is allowed', async () => {
  const allowed = {
    'shared/contract/x.ts': 'zod',
    'electron/main.ts': 'electron',
    'electron/preload.ts': 'electron',
    'electron/desktop/window.ts': 'electron',
    'electron/app.ts': './mirrors/x.ts',
    'electron/router.ts': '@orpc/server',
    'electron/loopback/server.ts': 'ws',
    'electron/registries/x.ts': '../oci/client.ts',
    'electron/mirrors/x.ts': '../ports.ts',
    'electron/demo/x.ts': '../../shared/model/x.ts',
    'electron/oci/x.ts': 'undici',
    'renderer/parts/x.tsx': '@mantine/core',
    'renderer/pulls/x.tsx': '../state/wire.tsx',
    'renderer/state/x.ts': '../../shared/model/x.ts',
    'test/shared/x.ts': 'node:fs',
    'test/renderer/parts/x.tsx': '../../../renderer/state/wire.tsx',
  }
  const files = Object.entries(allowed).map(([file, specifier]) => [file, importing(specifier)])
  const found = await refusals({
    ...Object.fromEntries(files),
    'electron/cli.ts': "console.log('x')\n",
    'build/start.ts': "console.log('x')\n",
    'build/vitest.ts': 'export default {}\n',
  })
  expect(found).toEqual([])
})

test('no folder of the main process is unknown to these tests', async () => {
  const entries = await readdir(join(root, 'electron'), { withFileTypes: true })
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)
  expect(folders.filter((folder) => ![...domains, ...others].includes(folder))).toEqual([])
})

describe('tsc refuses', () => {
  let tree: Awaited<ReturnType<typeof makeTree>>
  beforeEach(async () => {
    tree = await makeTree()
    for (const name of ['shared', 'electron', 'renderer']) await take(tree.path, `${name}/tsconfig.json`)
    await take(tree.path, 'shared/platform.d.ts')
    await symlink(join(root, 'node_modules'), join(tree.path, 'node_modules'), 'junction')
    await plant(tree.path, {
      'package.json': '{ "type": "module" }',
      'shared/thing.ts': target,
      'electron/thing.ts': target,
      'renderer/thing.ts': target,
    })
  })
  afterEach(() => tree.remove())

  const build = (name: string) => runIn(tree.path, commandOf('typescript', 'tsc'), ['-b', name])

  test.each([
    ['document in shared', 'shared', 'export const x = document.title\n', 'TS2584'],
    ['Node in shared', 'shared', "export { readFile } from 'node:fs'\n", 'TS2591'],
    ['process in the renderer', 'renderer', 'export const x = process.argv\n', 'TS2591'],
    ['electron/ from the renderer', 'renderer', importing('../electron/thing.ts'), 'TS6307'],
    ['the DOM in the main process', 'electron', 'export const x = document.title\n', 'TS2584'],
  ])('%s', async (_, folder, text, code) => {
    await plant(tree.path, { [`${folder}/x.ts`]: text })
    const { code: exit, output } = await build(folder)
    expect(output).toContain(code)
    expect(exit).not.toBe(0)
  })

  test('nothing that is allowed', async () => {
    await plant(tree.path, {
      'electron/x.ts': importing('../shared/thing.ts'),
      'renderer/x.ts': importing('../shared/thing.ts'),
    })
    expect(await build('electron')).toEqual({ code: 0, output: '' })
    expect(await build('renderer')).toEqual({ code: 0, output: '' })
  })
})
