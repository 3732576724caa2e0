import { expect, test } from 'vitest'
import { findingsOf } from '../../../electron/mirrors/findings/findings.ts'
import { findingCauses } from '../../../shared/model/mirror-finding.ts'
import { corpus } from './corpus.ts'

test('every rule and every cause it tells apart is found somewhere', () => {
  const all = corpus.flatMap((of) => findingsOf(of))
  const found = new Set(all.map(({ rule, facts }) => [rule, facts.cause].join(' ').trim()))
  const there = Object.entries(findingCauses).flatMap(([rule, causes]) =>
    causes.length === 0 ? [rule] : causes.map((cause) => `${rule} ${cause}`),
  )
  expect([...found].sort()).toEqual(there.sort())
})
