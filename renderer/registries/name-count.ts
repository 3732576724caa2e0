import { useTranslation } from 'react-i18next'
import { formatCount } from '../parts/format.ts'
import type { Names } from '../state/names.ts'

/** How many names there are, in words: all, those a filter leaves, or how many so far while pages come in. */
export function useNameCount(
  what: 'repositories' | 'tags',
  names: Names | undefined,
  shown: number,
  loading: boolean,
  failed: boolean,
): string {
  const { t, i18n } = useTranslation('registries')
  const all = names?.names.length ?? 0
  const formatted = formatCount(all, i18n.language)
  if (failed && names === undefined) return ''
  if (names?.total === undefined) {
    return loading ? t(`${what}.loading`, { formatted }) : t(`${what}.incomplete`, { formatted })
  }
  const counted = names.total.complete
    ? t(`${what}.count`, { count: all, formatted })
    : t(`${what}.incomplete`, { formatted: t(`${what}.count`, { count: all, formatted }) })
  if (shown === all) return counted
  return t(`${what}.of`, { shown: formatCount(shown, i18n.language), all: counted })
}
