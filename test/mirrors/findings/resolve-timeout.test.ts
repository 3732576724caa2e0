import { expect, test } from 'vitest'
import { resolveTimeout } from '../../../electron/mirrors/findings/resolve-timeout.ts'
import type { AgentSample } from '../../../electron/mirrors/metrics/sample.ts'
import { agent, asked, found, source, took } from './cases.ts'

const late = took({ 0.005: 10, 0.025: 90 })
const fast = took({ 0.005: 100 })

const measured = (sample: Partial<AgentSample>, limit?: number) =>
  agent('a', { sample, identity: limit === undefined ? {} : { resolveTimeout: limit } })

test.each([
  ['nothing was measured', agent('a'), []],
  ['the DHT says "nobody" at once', measured({ notFound: fast, counts: [asked(0, 100)] }), []],
  [
    'lookups end at the limit and none ever found a peer',
    measured({ notFound: late, counts: [asked(0, 100)] }),
    ['warn none-found a'],
  ],
  [
    'lookups that find a peer run into it, too',
    measured({ notFound: late, resolve: took({ 0.005: 50, 0.025: 40 }), counts: [asked(60, 100)] }),
    ['warn slow-lookups a'],
  ],
  [
    'lookups that find a peer are fast: it may be the DHT that says "nobody" slowly',
    measured({ notFound: late, resolve: took({ 0.005: 90 }), counts: [asked(30, 100)] }),
    ['info cannot-tell a'],
  ],
  [
    'the same where most requests hit is no trouble',
    measured({ notFound: late, resolve: took({ 0.005: 90 }), counts: [asked(300, 100)] }),
    [],
  ],
  ['a few 404s say nothing', measured({ notFound: took({ 0.025: 30 }), counts: [asked(0, 30)] }), []],
  [
    'it was set to 100 ms: that is the bucket behind it',
    measured({ notFound: took({ 0.25: 80, 0.005: 5 }), counts: [asked(0, 85)] }, 100),
    ['warn none-found a'],
  ],
  ['it was set to 100 ms and 404s take 20', measured({ notFound: late, counts: [asked(0, 100)] }, 100), []],
  ['it was set beyond the last bucket', measured({ notFound: late, counts: [asked(0, 100)] }, 60_000), []],
])('%s', (_, one, expected) => {
  expect(found(resolveTimeout, source([one]))).toEqual(expected)
})

test('the past day counts where it was watched, with its histograms', () => {
  const better = agent('a', {
    sample: { notFound: late, counts: [asked(0, 100)] },
    day: { notFound: fast, counts: [asked(0, 100)] },
  })
  expect(found(resolveTimeout, source([better]))).toEqual([])
  const unknown = agent('a', {
    sample: { notFound: late, counts: [asked(0, 100)] },
    day: { counts: [asked(0, 100)] },
  })
  expect(resolveTimeout(source([unknown]))[0]?.facts).toMatchObject({
    limit: 20,
    requests: 100,
    atLimit: 90,
    ratio: 0.9,
    found: 0,
    since: 'start',
  })
})
