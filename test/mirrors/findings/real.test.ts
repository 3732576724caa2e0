import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { agentDetail } from '../../../electron/mirrors/detail.ts'
import type { AgentCase } from '../../../electron/mirrors/findings/case.ts'
import { findingsOf } from '../../../electron/mirrors/findings/findings.ts'
import { readSpegel } from '../../../electron/mirrors/metrics/spegel.ts'

/** What real agents said of themselves: see ORIGIN.md beside the texts. */
function said(version: string, what: string, minutesUp: number): AgentCase {
  const text = readFileSync(new URL(`../../fixtures/metrics/real-v${version}-${what}.txt`, import.meta.url))
  const sample = readSpegel(text)
  if (sample.startedAt === undefined) throw new Error('it does not say since when it runs')
  return {
    agent: { source: 'lab', id: what, name: what, address: `${what}:9090`, demo: false },
    ok: true,
    sample,
    sampledAt: sample.startedAt + minutesUp * 60_000,
  }
}

function rulesOf(agents: AgentCase[]): string[] {
  const at = Math.max(...agents.map(({ sampledAt }) => sampledAt ?? 0))
  return findingsOf({ source: 'lab', at, agents }).map(({ rule, facts, agents: ids }) =>
    [rule, facts.cause, ...ids].join(' '),
  )
}

describe.each(['0.1.1', '0.4.0', '0.6.0', '0.7.4'])('a real cluster of v%s', (version) => {
  test('has no finding where three nodes pull and serve each other', () => {
    expect(rulesOf(['served', 'hits', 'mixed'].map((what) => said(version, what, 5)))).toEqual([])
  })

  test('has no finding where it was just set up', () => {
    expect(rulesOf([said(version, 'fresh', 1)])).toEqual([])
  })

  test('says that an agent without peers is not ready', () => {
    expect(rulesOf([said(version, 'alone', 10), said(version, 'fresh', 10)])).toEqual([
      'not-ready no-peers alone',
    ])
  })

  test.each([
    ['hits', 0],
    ['mixed', 0],
  ])('served nothing to others from where it got %s', (what, expected) => {
    expect(servedBy(said(version, what, 5))).toBe(expected)
  })
})

test.each([
  ['0.1.1', 6],
  ['0.4.0', 10],
  ['0.6.0', 6],
  ['0.7.4', 6],
])('v%s served what node 2 pulled', (version, expected) => {
  expect(servedBy(said(version, 'served', 5))).toBe(expected)
})

function servedBy(one: AgentCase): number | undefined {
  const counts = one.sample?.counts ?? []
  return agentDetail({ case: one, reading: { ...one.agent, ok: true, counts, covered: 300, restarts: 0 } })
    .servedToOthers
}
