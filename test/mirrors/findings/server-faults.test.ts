import { expect, test } from 'vitest'
import { serverFaults } from '../../../electron/mirrors/findings/server-faults.ts'
import { agent, answers, found, source } from './cases.ts'

const answering = (name: string, byCode: Record<string, number>, tag?: string) =>
  agent(name, {
    sample: { answers: answers(byCode) },
    identity: tag === undefined ? {} : { image: `ghcr.io/spegel-org/spegel:${tag}` },
  })

test.each([
  ['404 is normal for a mirror', [answering('a', { 200: 40, 404: 400 })], []],
  ['no request was measured', [agent('a')], []],
  ['one 500 in thousands', [answering('a', { 200: 4000, 500: 1 }, 'v0.7.4')], ['info fault a']],
  ['some', [answering('a', { 200: 400, 500: 9 }, 'v0.7.4')], ['warn fault a']],
  ['many', [answering('a', { 200: 40, 500: 9, 503: 20 }, 'v0.7.4')], ['bad fault a']],
  [
    'a version that says 500 for a missing image',
    [answering('a', { 200: 40, 500: 30 }, 'v0.0.20')],
    ['bad missing-image a'],
  ],
  [
    'one that says it for a missing blob',
    [answering('a', { 200: 90, 500: 9 }, 'v0.3.0')],
    ['warn missing-blob a'],
  ],
  ['nothing tells the version', [answering('a', { 200: 90, 500: 9 })], ['warn unknown-version a']],
])('%s', (_, agents, expected) => {
  expect(found(serverFaults, source(agents))).toEqual(expected)
})

test('5xx of the window are counted, not those of before', () => {
  const calm = agent('a', {
    sample: { answers: answers({ 200: 90, 500: 90 }) },
    window: { answers: answers({ 200: 40 }) },
  })
  expect(found(serverFaults, source([calm], 3600))).toEqual([])
})

test('5xx and all answers are told apart', () => {
  const [finding] = serverFaults(source([answering('a', { 200: 50, 404: 40, 500: 10 }, 'v0.7.4')]))
  expect(finding?.facts).toMatchObject({
    requests: 10,
    answers: 100,
    ratio: 0.1,
    version: '0.7.4',
    since: 'start',
  })
})
