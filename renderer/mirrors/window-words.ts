import type { TFunction } from 'i18next'
import type { MirrorWindow } from '../../shared/model/mirror.ts'
import type { TimeRange } from '../state/mirror-options.ts'

/** Over which time counts were taken, in words that can stand behind them. */
export function windowWords(t: TFunction<'mirrors'>, window: MirrorWindow, language: string): string {
  switch (window.kind) {
    case 'start':
      return t('window.sinceStart')
    case 'last':
      return window.seconds < 3600
        ? t('window.lastMinutes', { count: Math.round(window.seconds / 60) })
        : window.seconds <= 86_400
          ? t('window.lastHours', { count: Math.round(window.seconds / 3600) })
          : t('window.lastDays', { count: Math.round(window.seconds / 86_400) })
    case 'between':
      return rangeWords(window, language)
  }
}

/** Two moments with day and minute; what they share is said once. */
export function rangeWords({ from, to }: TimeRange, language: string): string {
  return new Intl.DateTimeFormat(language, {
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).formatRange(from, to)
}
