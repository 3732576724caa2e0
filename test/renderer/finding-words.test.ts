import { describe, expect, test } from 'vitest'
import { findingsOf } from '../../electron/mirrors/findings/findings.ts'
import { createI18n, words } from '../../renderer/i18n/i18n.ts'
import { findingWords } from '../../renderer/mirrors/finding-words.ts'
import {
  type Finding,
  findingCauses,
  findingRuleSchema,
  findingStepSchema,
} from '../../shared/model/mirror-finding.ts'
import { corpus } from '../mirrors/findings/corpus.ts'

const findings = corpus.flatMap((of) => findingsOf(of))

/** The words of a finding; a slot that no fact fills, or a key without words, is an error. */
function said(language: 'en' | 'zh-CN', finding: Finding) {
  const i18n = createI18n(language)
  i18n.options.missingInterpolationHandler = (text: string, [slot]: RegExpMatchArray) => {
    throw new Error(`nothing fills ${slot} of "${text}"`)
  }
  return findingWords(i18n.getFixedT(language, 'findings'), finding, language)
}

describe.each(['en', 'zh-CN'] as const)('%s', (language) => {
  const { rule, step } = words[language].findings

  test('has words for every rule and step, and for no other', () => {
    expect(Object.keys(rule).sort()).toEqual([...findingRuleSchema.options].sort())
    expect(Object.keys(step).sort()).toEqual([...findingStepSchema.options].sort())
  })

  test.each(findingRuleSchema.options)('has a meaning for every cause of %s, and for no other', (name) => {
    const causes: readonly string[] = findingCauses[name]
    const meanings = Object.keys(rule[name]).filter((key) => key.startsWith('meaning'))
    const wanted = causes.length === 0 ? ['meaning'] : causes.map((cause) => `meaning_${cause}`)
    expect(meanings.sort()).toEqual([...wanted].sort())
  })

  test.each(findings.map((finding) => [finding.id, finding] as const))(
    'says %s with its facts',
    (_, finding) => {
      const { title, meaning, steps } = said(language, finding)
      for (const text of [title, meaning, ...steps]) {
        expect(text).not.toMatch(/\{\{|rule\.|step\.|undefined|NaN/)
      }
    },
  )
})

const offline: Finding = {
  id: 'lab/no-answer/refused',
  rule: 'no-answer',
  severity: 'bad',
  source: 'lab',
  agents: ['node-7'],
  facts: { count: 1, agent: 'node-7', total: 1500, cause: 'refused', kind: 'refused' },
  message: 'node-7: cannot be read.',
  next: ['check-agent-running'],
}

test('one is named, many are counted, with the separators of the language', () => {
  const many = { ...offline, facts: { ...offline.facts, count: 1200 } }
  expect(said('en', offline).title).toBe('node-7 does not answer')
  expect(said('en', many).title).toBe('1,200 of 1,500 agents do not answer')
  expect(said('zh-CN', offline).title).toBe('node-7 没有应答（共 1,500 个）')
  expect(said('zh-CN', many).title).toBe('1,200 个节点没有应答（共 1,500 个）')
})

test('a ratio is a percentage, and says over which time', () => {
  const missing: Finding = {
    ...offline,
    rule: 'registry-misses',
    registry: 'quay.io',
    facts: {
      count: 3,
      agent: 'a',
      registry: 'quay.io',
      requests: 3000,
      hits: 12,
      ratio: 0.004,
      others: 0.5,
      since: 'day',
    },
    next: ['pull-not-import'],
  }
  expect(said('en', missing)).toEqual({
    title: 'quay.io hardly ever hits',
    meaning:
      "12 of 3,000 HTTP requests in the past day hit (0.4%), on 3 nodes; other registries hit in 50%. Agents find each other, but not this registry's content.",
    steps: [
      'Pull images under the name of their registry: what was imported, as with ctr image import, is never advertised.',
    ],
  })
})
