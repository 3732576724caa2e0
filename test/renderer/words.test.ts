import { expect, test } from 'vitest'
import { createI18n, languageOf, words } from '../../renderer/i18n/i18n.ts'
import {
  answererSchema,
  evidenceSchema,
  failureKindSchema,
  nextStepSchema,
} from '../../shared/model/failure.ts'

/** Every key of a tree of words; `count_one` and `count_other` are one key, for languages count differently. */
function keysOf(tree: object, above = ''): string[] {
  return Object.entries(tree).flatMap(([key, value]: [string, unknown]) => {
    const path = `${above}${key.replace(/_(?:zero|one|two|few|many|other)$/, '')}`
    return typeof value === 'object' && value !== null ? keysOf(value, `${path}.`) : [path]
  })
}

function valuesOf(tree: object): string[] {
  return Object.values(tree).flatMap((value: unknown) =>
    typeof value === 'object' && value !== null ? valuesOf(value) : [String(value)],
  )
}

const screens = Object.keys(words.en) as (keyof typeof words.en)[]

test.each(screens)('%s says the same things in both languages', (screen) => {
  const english = new Set(keysOf(words.en[screen]))
  expect(english.size).toBeGreaterThan(0)
  expect([...new Set(keysOf(words['zh-CN'][screen]))].sort()).toEqual([...english].sort())
})

test.each(screens)('%s takes the same values in both languages', (screen) => {
  const slots = (tree: object) =>
    new Set(valuesOf(tree).flatMap((text) => [...text.matchAll(/\{\{(\w+)\}\}/g)].map((match) => match[1])))
  expect(slots(words['zh-CN'][screen])).toEqual(slots(words.en[screen]))
})

test('no text is empty, shouts or says "oops"', () => {
  for (const language of [words.en, words['zh-CN']]) {
    for (const text of valuesOf(language)) {
      expect(text).not.toBe('')
      expect(text).not.toMatch(/[!！]|oops/i)
    }
  }
})

test.each(['en', 'zh-CN'] as const)(
  '%s has words for every failure, fact, next step and answerer',
  (language) => {
    const { kinds, facts, next, answeredBy } = words[language].failure
    expect(Object.keys(kinds).sort()).toEqual([...failureKindSchema.options].sort())
    for (const kind of failureKindSchema.options) {
      expect(Object.keys(kinds[kind])).toEqual(['title', 'meaning'])
    }
    expect(Object.keys(facts).sort()).toEqual([...evidenceSchema.shape.fact.options].sort())
    expect(Object.keys(next).sort()).toEqual([...nextStepSchema.options].sort())
    expect(Object.keys(answeredBy).sort()).toEqual(['label', ...answererSchema.options].sort())
  },
)

test('the language follows the setting, else the system, else English', () => {
  expect(languageOf('zh-CN', ['en-US'])).toBe('zh-CN')
  expect(languageOf('system', ['zh-Hans-CN', 'en'])).toBe('zh-CN')
  expect(languageOf('system', ['de-DE', 'zh-CN'])).toBe('en')
  expect(languageOf('system', [])).toBe('en')
})

test('words are there at once and count in the language', () => {
  const english = createI18n('en')
  expect(english.t('registries:tags.count', { count: 1, formatted: '1' })).toBe('1 tag')
  expect(english.t('registries:tags.count', { count: 2, formatted: '2' })).toBe('2 tags')
  expect(createI18n('zh-CN').t('registries:tags.count', { count: 2, formatted: '2' })).toBe('2 个标签')
})
