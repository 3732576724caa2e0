import { expect, test } from 'vitest'
import { findingsOf } from '../../../electron/mirrors/findings/findings.ts'
import type { SourceCase } from '../../../electron/mirrors/findings/case.ts'
import { agent, answers, asked, idle, silent, source, took } from './cases.ts'

const image = 'ghcr.io/spegel-org/spegel:v0.7.4'
const rulesOf = (of: SourceCase) => findingsOf(of).map(({ rule, agents }) => `${rule} ${agents.join(' ')}`)

test('nothing stands out where nothing is wrong', () => {
  expect(findingsOf(source([agent('a'), agent('b'), agent('c')], 3600))).toEqual([])
})

test('nothing stands out in a cluster that was set up an hour ago and pulls nothing', () => {
  const fresh = ['a', 'b', 'c'].map((name) =>
    idle(name, { up: 1, sample: { advertised: [] }, identity: { images: undefined } }),
  )
  expect(findingsOf(source(fresh))).toEqual([])
})

test('nothing stands out in an empty source', () => {
  expect(findingsOf(source([]))).toEqual([])
})

test('the most serious stands first, then what concerns more agents, then more requests', () => {
  const misses = (name: string, count: number) => agent(name, { sample: { counts: [asked(0, count)] } })
  const findings = rulesOf(
    source(
      [
        agent('a'),
        agent('b'),
        silent('c', 'refused', 20),
        misses('d', 150),
        misses('e', 150),
        idle('f'),
        agent('g', { up: 0.5, window: { restarts: 1 } }),
      ],
      3600,
    ),
  )
  expect(findings).toEqual(['no-answer c', 'never-hits d e', 'never-asks f', 'restarts g'])
})

test('where as many agents are concerned, more requests stand first', () => {
  const misses = agent('b', { sample: { counts: [asked(0, 150)] } })
  const faulty = agent('c', { sample: { answers: answers({ 200: 4000, 500: 200 }) }, identity: { image } })
  expect(rulesOf(source([agent('a'), misses, faulty]))).toEqual(['server-faults c', 'never-hits b'])
})

test('an agent that does not answer is nothing else as well', () => {
  const gone = { ...silent('b', 'timeout', 20), growth: { counts: [], covered: 60, restarts: 9 } }
  expect(rulesOf(source([agent('a'), gone], 3600))).toEqual(['no-answer b'])
})

test('who is not ready need not be said to miss', () => {
  const lonely = agent('b', {
    sample: { counts: [asked(0, 300)], notFound: took({ 0.025: 300 }) },
    window: { readiness: { ready: 0, notReady: 300 } },
  })
  expect(rulesOf(source([agent('a'), lonely], 3600))).toEqual(['not-ready b'])
})

test('lookups that time out explain why nothing hits', () => {
  const slow = agent('b', { sample: { counts: [asked(0, 300)], notFound: took({ 0.025: 300 }) } })
  expect(rulesOf(source([agent('a'), slow]))).toEqual(['resolve-timeout b'])
})

test('peers that have nothing explain why nothing hits', () => {
  const vain = agent('b', {
    sample: { counts: [asked(0, 300)], resolve: took({ 0.005: 200 }), notFound: took({ 0.05: 300 }) },
  })
  expect(rulesOf(source([agent('a'), vain]))).toEqual(['advertised-not-held b'])
})

test('a counter that jumped makes every other count of that agent worthless', () => {
  const broken = agent('b', { up: 1, sample: { counts: [asked(0, 1e12)], answers: answers({ 500: 1e12 }) } })
  expect(rulesOf(source([agent('a'), broken]))).toEqual(['counter-jump b'])
})

test('ids are unique, and the same while the numbers move', () => {
  const round = (misses: number) =>
    findingsOf(
      source([
        agent('a', { sample: { counts: [asked(60, 40), asked(20, 20, 'ghcr.io')] } }),
        agent('b', { sample: { counts: [asked(0, misses)] } }),
        silent('c', 'dns'),
        silent('d', 'refused'),
      ]),
    ).map(({ id }) => id)
  expect(new Set(round(200)).size).toBe(3)
  expect(round(200)).toEqual(round(900))
})

test('a finding lists 2,000 agents and counts them all', () => {
  const all = Array.from({ length: 2500 }, (_, index) => silent(`node-${index}`, 'timeout'))
  const [finding] = findingsOf(source(all))
  expect(finding?.agents).toHaveLength(2000)
  expect(finding?.facts).toMatchObject({ count: 2500, agent: 'node-0' })
  expect(finding?.message).toMatch(/^node-0 and 2499 more: /)
})

test('names that come from outside are cut', () => {
  const long = 'x'.repeat(5000)
  const nodes = ['a', 'b', 'c'].map((name) =>
    agent(name, {
      sample: { counts: [asked(50, 50), asked(0, 90, long)] },
      identity: { name: `${name}${long}` },
    }),
  )
  const [finding] = findingsOf(source(nodes))
  expect(finding?.rule).toBe('registry-misses')
  expect(JSON.stringify(finding).length).toBeLessThan(2000)
})
