import { expect, test } from 'vitest'
import { noAnswer } from '../../../electron/mirrors/findings/no-answer.ts'
import { agent, found, silent, source } from './cases.ts'

test.each([
  ['everybody answers', [agent('a'), agent('b')], []],
  ['one missed a round', [agent('a'), silent('b', 'refused', 1)], ['warn refused b']],
  ['one is gone for long', [agent('a'), silent('b', 'timeout', 10)], ['bad silent b']],
  ['one was never read', [agent('a'), silent('b', 'dns')], ['bad name b']],
  ['something else answers', [silent('a', 'metrics-invalid')], ['bad not-metrics a']],
  ['one has no permission', [silent('a', 'denied')], ['bad access a']],
  ['a proxy answers for it', [silent('a', 'gateway-fault')], ['bad fault a']],
  [
    'two ways of not answering are two findings',
    [silent('a', 'refused'), silent('b', 'dns'), silent('c', 'refused')],
    ['bad refused a c', 'bad name b'],
  ],
])('%s', (_, agents, expected) => {
  expect(found(noAnswer, source(agents))).toEqual(expected)
})
