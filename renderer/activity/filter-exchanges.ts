import type { Exchange } from '../../shared/model/exchange.ts'

/**
 * The exchanges that have every word of the filter somewhere in method, address, status, step or answerer.
 * `answererWords` says an answerer in the reader's language, so that what is read can be searched for.
 */
export function filterExchanges(
  exchanges: readonly Exchange[],
  filter: string,
  onlyFailures: boolean,
  answererWords: (answeredBy: Exchange['answeredBy']) => string,
): readonly Exchange[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean)
  return exchanges.filter((one) => {
    if (onlyFailures && one.failure === undefined) return false
    if (words.length === 0) return true
    const text = [one.method, one.url, one.status, one.phase, one.failure, answererWords(one.answeredBy)]
      .join(' ')
      .toLowerCase()
    return words.every((word) => text.includes(word))
  })
}
