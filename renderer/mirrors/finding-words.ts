import type { TFunction } from 'i18next'
import type { Finding } from '../../shared/model/mirror-finding.ts'
import { formatCount } from '../parts/format.ts'

export interface FindingWords {
  title: string
  /** What the numbers count, and what they mean. */
  meaning: string
  /** What to do, in the order it is worth trying. */
  steps: string[]
}

/** Facts that are a part of a whole. */
const ratios = new Set(['ratio', 'others'])

/** What a finding says in the reader's language. */
export function findingWords(t: TFunction<'findings'>, finding: Finding, language: string): FindingWords {
  const { rule, facts, next } = finding
  const count = Number(facts.count ?? finding.agents.length)
  const n = formatCount(count, language)
  const said = Object.fromEntries(
    Object.entries(facts).map(([name, value]) => [name, factWords(name, value, language)]),
  )
  const slots = {
    ...said,
    n,
    count,
    who: count === 1 ? t('who.one', { agent: facts.agent }) : t('who.several', { n }),
    since: t(`since.${sinceOf(facts.since)}`),
    ...(typeof facts.cause === 'string' && { context: facts.cause }),
  }
  return {
    title: t(`rule.${rule}.title`, slots),
    meaning: t(`rule.${rule}.meaning`, slots),
    steps: next.map((step) => t(`step.${step}`)),
  }
}

function factWords(name: string, value: number | string, language: string): string {
  if (typeof value === 'string') return value
  if (!ratios.has(name)) return formatCount(value, language)
  return new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 1 }).format(value)
}

function sinceOf(since: number | string | undefined): 'start' | 'day' | 'window' {
  return since === 'day' || since === 'window' ? since : 'start'
}
