import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { type Folder, writeFolder } from '../fakes/chart-folders.ts'
import { archiveOf } from '../fakes/charts.ts'
import { type Helm, openHelm } from './helm.ts'
import { folderFor, helmPackage, ourPackage, type Packed } from './packages.ts'

let helm: Helm
beforeAll(async () => {
  helm = await openHelm()
})
afterAll(() => helm.close())

const words = fc.constantFrom(
  'plain',
  'two words',
  'a: b',
  '- item',
  '# no comment',
  "it's",
  '"quoted"',
  '<b> & c',
  'yes',
  'null',
  '1.10',
  '007',
  '1e3',
  '0x1F',
  '2024-01-02',
  '12:30:45',
  '~',
  '.5',
  '{a}',
  '[b]',
  '*',
  '&x',
  '!tag',
  '%',
  '@at',
  '`',
  'trailing ',
  ' leading',
  'tab\there',
  'über 中文',
  'emoji 😀',
  'nbsp\u00a0here',
  'one\ntwo\n',
  'one\n\n two',
  `long ${'word '.repeat(30)}`,
  'x'.repeat(100),
  '',
  '=',
  '<<',
  'a#b',
  'a #b',
)
const text = fc.oneof(
  words,
  fc.tuple(words, words).map((pair) => pair.join('')),
)
const key = fc.constantFrom(
  'a',
  'a/b',
  'a10',
  'a9',
  'A',
  'example.com/x',
  'k 1',
  'é',
  '1',
  'true',
  `long.${'key'.repeat(50)}`,
)
const version = fc.constantFrom('1.0.0', '0.1.0-rc.1', '1.2.3+build.7', 'v1.2.3', '1.2', '3')

const chartYaml = fc.record(
  {
    apiVersion: fc.constantFrom('v1', 'v2'),
    version,
    description: text,
    appVersion: fc.oneof(text, fc.constantFrom(1.1, 7, true)),
    home: text,
    icon: text,
    kubeVersion: fc.constant('>=1.20.0-0'),
    type: fc.constantFrom('application', 'library'),
    deprecated: fc.boolean(),
    sources: fc.array(text, { maxLength: 3 }),
    keywords: fc.array(text, { maxLength: 3 }),
    maintainers: fc.array(fc.record({ name: text, email: text, url: text }, { requiredKeys: [] }), {
      maxLength: 3,
    }),
    annotations: fc.dictionary(key, text, { maxKeys: 4 }),
    condition: text,
    tags: text,
    unknown: text,
  },
  { requiredKeys: ['apiVersion', 'version'] },
)

/** A declared dependency, and how it lies in charts/. */
const dependency = fc.record({
  as: fc.constantFrom('folder', 'archive', 'missing'),
  declared: fc.record(
    {
      name: fc.constant('sub'),
      version: fc.constantFrom('1.0.0', '^1', '>=1.0.0 <2.0.0'),
      repository: fc.constantFrom('', 'file://../sub', 'oci://example.com/charts', '@named'),
      condition: text,
      tags: fc.array(text, { maxLength: 2 }),
      enabled: fc.boolean(),
      alias: fc.constantFrom('other', 'a_b', 'not valid'),
      'import-values': fc.array(fc.oneof(text, fc.record({ child: text, parent: text })), { maxLength: 2 }),
    },
    { requiredKeys: ['name'] },
  ),
  sub: chartYaml,
})

const path = fc.constantFrom(
  'README.md',
  'LICENSE',
  'templates/a.yaml',
  'templates/_b.tpl',
  'templates/.c',
  'templates/d/.e',
  'files/a1',
  'files/b2',
  'files/b.c/d',
  'a.tmp',
  'deep/a.tmp',
  'deep/er/a.tmp',
  '.git/config',
  '.hidden',
  'with space.txt',
  'a-b',
  'a/b',
  'a.b',
  'A',
  'é.txt',
  'b*c',
  'b\\d',
  '[x]',
  'charts.txt',
  'charts/_x/y',
  'charts/.z',
  'charts/sub.tgz.prov',
  'values.yaml',
  'crds/x.yaml',
  'node_modules/m/i.js',
  `${'long/'.repeat(30)}er.txt`,
)
const rule = fc.constantFrom(
  '*.tmp',
  '/a.tmp',
  'deep/',
  'deep/*',
  '/deep',
  '.*',
  '!README.md',
  '!*',
  'files/[a-c]?',
  'files/[^a]*',
  '[A-Z]*',
  'b\\*c',
  'a?b',
  '?',
  '*',
  'templates/*',
  '*/a*',
  'node_modules',
  'node_modules/',
  '# comment',
  '',
  '  .git  ',
  '**',
  'a[',
  'a[]',
  '[b-a]',
  '\\',
  'x/**/y',
  'deep/er/',
  '/',
  'long/*',
  'é*',
  '[!a]*',
  'README.md\r',
)

const folder = fc.record({
  chart: chartYaml,
  dependency: fc.option(dependency, { nil: undefined }),
  paths: fc.uniqueArray(path, { maxLength: 12 }),
  rules: fc.option(fc.array(rule, { maxLength: 4 }), { nil: undefined }),
  lock: fc.boolean(),
})

async function filesOf({
  chart,
  dependency: wanted,
  paths,
  rules,
  lock,
}: typeof folder extends fc.Arbitrary<infer T> ? T : never): Promise<Folder> {
  const files: Record<string, string | Uint8Array> = {}
  for (const name of paths) files[name] = name.endsWith('.yaml') ? 'a: 1\n' : `the file ${name}\n`
  const declared = wanted === undefined ? {} : { dependencies: [wanted.declared] }
  const inChart = chart.apiVersion === 'v2' ? declared : {}
  files['Chart.yaml'] = stringify({ name: 'cart', ...chart, ...inChart })
  if (chart.apiVersion === 'v1' && wanted !== undefined) files['requirements.yaml'] = stringify(declared)
  if (rules !== undefined) files['.helmignore'] = rules.join('\n')
  if (lock) {
    const name = chart.apiVersion === 'v2' ? 'Chart.lock' : 'requirements.lock'
    const { name: of = 'sub', version: at = '' } = wanted?.declared ?? {}
    const dependencies = wanted === undefined ? [] : [{ name: of, version: at, repository: '' }]
    files[name] = stringify({
      dependencies,
      digest: 'sha256:0',
      generated: '2024-05-06T07:08:09.123456789+02:00',
    })
  }
  const sub = stringify({ name: 'sub', ...wanted?.sub })
  if (wanted?.as === 'folder') files['charts/sub/Chart.yaml'] = sub
  if (wanted?.as === 'archive') {
    const entries = [
      { name: 'sub/Chart.yaml', body: sub },
      { name: 'sub/templates/x.yaml', body: 'a: 1\n' },
    ]
    files['charts/sub-1.0.0.tgz'] = await archiveOf(entries)
  }
  return files
}

async function outcome(work: Promise<Packed>): Promise<Packed['entries'] | 'refused'> {
  return work.then(
    ({ entries }) => entries,
    () => 'refused' as const,
  )
}

describe('folders of every kind', () => {
  it('become what helm package makes of them, or are refused by both', async () => {
    let packaged = 0
    await fc.assert(
      fc.asyncProperty(folder, async (wanted) => {
        const root = await folderFor(helm, 'cart')
        await writeFolder(root, await filesOf(wanted))
        const [theirs, ours] = await Promise.all([
          outcome(helmPackage(helm, root)),
          outcome(ourPackage(helm, root)),
        ])
        if (theirs !== 'refused') packaged += 1
        expect(ours).toEqual(theirs)
      }),
      { numRuns: 400 },
    )
    expect(packaged).toBeGreaterThan(100)
  }, 600_000)
})
