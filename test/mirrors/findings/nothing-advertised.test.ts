import { expect, test } from 'vitest'
import { nothingAdvertised } from '../../../electron/mirrors/findings/nothing-advertised.ts'
import { agent, asked, found, idle, source } from './cases.ts'

const gauge = (what: string, count: number) => ({ what, registry: 'docker.io', count })
const absent = { sample: { advertised: [] } }

test.each([
  ['content is advertised', agent('a'), []],
  ['the older name of content', agent('a', { sample: { advertised: [gauge('keys', 4)] } }), []],
  ['no family: main, or not known', agent('a', absent), ['info family-absent a']],
  [
    'no family in a version that has them',
    agent('a', { ...absent, identity: { image: 'ghcr.io/spegel-org/spegel:v0.7.4' } }),
    ['warn nothing a'],
  ],
  [
    'a family of nothing but zeroes',
    agent('a', { sample: { advertised: [gauge('content_digests', 0)] } }),
    ['warn nothing a'],
  ],
  [
    'tags without content',
    agent('a', { sample: { advertised: [gauge('image_tags', 9), gauge('content_digests', 0)] } }),
    ['warn tags-only a'],
  ],
  ['up to 0.5 the gauges are empty at first', agent('a', { ...absent, up: 0.1 }), []],
  ['the node holds no images', idle('a', { ...absent, identity: { images: 0 } }), []],
  [
    'what it holds is not known, but it got content from peers',
    agent('a', {
      sample: { advertised: [], counts: [asked(3, 0)] },
      identity: { images: undefined },
    }),
    ['info family-absent a'],
  ],
])('%s', (_, one, expected) => {
  expect(found(nothingAdvertised, source([one]))).toEqual(expected)
})
