import { expect, test } from 'vitest'
import { registryNotAsked } from '../../../electron/mirrors/findings/registry-not-asked.ts'
import { agent, asked, found, source } from './cases.ts'

const both = (name: string, quay = 30) =>
  agent(name, { sample: { counts: [asked(50, 50), asked(quay, 0, 'quay.io')] } })

test.each([
  ['all ask for both', [both('a'), both('b'), both('c'), both('d')], []],
  ['one asks for docker.io alone', [both('a'), both('b'), both('c'), agent('d')], ['warn quay.io d']],
  ['a count of zero is not asking', [both('a'), both('b'), both('c'), both('d', 0)], ['warn quay.io d']],
  [
    'a pool of several informs',
    [...'abcdef'].map((one) => both(one)).concat(agent('g'), agent('h')),
    ['info quay.io g h'],
  ],
  ['two others are too few to say', [both('a'), both('b'), agent('c')], []],
  ['half of the nodes ask for it', [both('a'), both('b'), both('c'), agent('d'), agent('e'), agent('f')], []],
  ['others hardly ask for it', [both('a', 4), both('b', 4), both('c', 4), agent('d')], []],
  ['it began an hour ago', [both('a'), both('b'), both('c'), agent('d', { up: 1 })], []],
  [
    'it asks for nothing, which is another finding',
    [both('a'), both('b'), both('c'), agent('d', { sample: { counts: [] } })],
    [],
  ],
])('%s', (_, agents, expected) => {
  expect(found(registryNotAsked, source(agents))).toEqual(expected)
})

test('requests without a registry are no registry', () => {
  const unnamed = (name: string) => agent(name, { sample: { counts: [asked(50, 50), asked(30, 0, '')] } })
  expect(found(registryNotAsked, source([unnamed('a'), unnamed('b'), unnamed('c'), agent('d')]))).toEqual([])
})

test('however many registries are made up, twenty are reported', () => {
  const made = Array.from({ length: 60 }, (_, index) => asked(30, 0, `made-up-${index}`))
  const asker = (name: string) => agent(name, { sample: { counts: [asked(50, 50), ...made] } })
  expect(registryNotAsked(source([asker('a'), asker('b'), asker('c'), agent('d')]))).toHaveLength(20)
})
