import { useTranslation } from 'react-i18next'
import { preflightCheckNameSchema } from '../../shared/model/preflight.ts'
import { type PreflightRun, verdictOf } from './use-preflight.ts'

/** A preflight in a few words: how far it is, or what came of it. `overwrite` is the digest that may be replaced. */
export function usePreflightSummary(preflight: PreflightRun, overwrite: string | undefined): string {
  const { t } = useTranslation('preflight')
  const { status, checks } = preflight
  const { blocked, overwrites } = verdictOf(preflight)
  const total = preflightCheckNameSchema.options.length
  if (status === 'idle' || status === 'failed') return t(`summary.${status}`)
  if (blocked > 0) return t('summary.blocked', { count: blocked })
  if (status === 'running') return t('summary.running', { done: checks.length, total })
  if (overwrites === undefined) return t('summary.ready', { total })
  return t(overwrites === overwrite ? 'summary.overwrite' : 'summary.decide', { total })
}
