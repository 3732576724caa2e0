import { expect, test } from 'vitest'
import { filterNames } from '../../renderer/registries/filter-names.ts'
import { treeRows } from '../../renderer/registries/tree.ts'
import { newestFirst } from '../../renderer/registries/versions.ts'

test('tags stand by semver precedence, newest first, other names after them', () => {
  expect(
    newestFirst([
      'latest',
      '1.2.0',
      'v1.10.0',
      '1.2.0-rc.1',
      '1.2.0-rc.11',
      '1.2.0-rc.2',
      'dev',
      '1.2',
      '0.9.1',
    ]),
  ).toEqual(['v1.10.0', '1.2.0', '1.2', '1.2.0-rc.11', '1.2.0-rc.2', '1.2.0-rc.1', '0.9.1', 'dev', 'latest'])
})

test('prereleases compare as semver item 11 lists them', () => {
  const ascending = [
    '1.0.0-alpha',
    '1.0.0-alpha.1',
    '1.0.0-alpha.beta',
    '1.0.0-beta',
    '1.0.0-beta.2',
    '1.0.0-beta.11',
    '1.0.0-rc.1',
    '1.0.0',
  ]
  expect(newestFirst(ascending)).toEqual(ascending.toReversed())
})

test('no tag is lost or made up when thousands are put in order', () => {
  const tags = Array.from({ length: 10_000 }, (_, at) => `${at % 7}.${at % 131}.${at}_build.${at % 3}`)
  const ordered = newestFirst(tags)
  expect(new Set(ordered)).toEqual(new Set(tags))
  expect(ordered).toHaveLength(tags.length)
})

test('a filter takes every word in any order and case, over all names', () => {
  const names = ['charts/Cart', 'charts/ledger', 'images/cart']
  expect(filterNames(names, 'cart CHARTS')).toEqual(['charts/Cart'])
  expect(filterNames(names, '  ')).toEqual(names)
  expect(filterNames(names, 'nothing')).toEqual([])
})

test('repositories are grouped by path; one may be a repository and a folder at once', () => {
  expect(treeRows(['base/go', 'base', 'shop/web/ui'], new Set())).toEqual([
    { path: 'base', name: 'base', depth: 0, isRepository: true, expanded: true },
    { path: 'base/go', name: 'go', depth: 1, isRepository: true },
    { path: 'shop', name: 'shop', depth: 0, isRepository: false, expanded: true },
    { path: 'shop/web', name: 'web', depth: 1, isRepository: false, expanded: true },
    { path: 'shop/web/ui', name: 'ui', depth: 2, isRepository: true },
  ])
})

test('a closed folder hides what is below it', () => {
  expect(treeRows(['a/b/c', 'a/d'], new Set(['a'])).map((row) => row.path)).toEqual(['a'])
})

test('names like those of Object.prototype are names', () => {
  expect(treeRows(['constructor/__proto__'], new Set()).map((row) => row.path)).toEqual([
    'constructor',
    'constructor/__proto__',
  ])
})
