import type { PullAttempt, PullVerdict } from '../../shared/model/pull.ts'
import type { Bar, Lane, Tone } from '../parts/waterfall-layout.ts'

const tones: Record<PullAttempt['outcome'], Tone> = { served: 'good', 'not-here': 'quiet', fault: 'bad' }

/** The words the picture needs; screens hand them in so that this stays free of language. */
export interface AttemptWords {
  role: (attempt: PullAttempt) => string
  caption: (attempt: PullAttempt) => string
  noStatus: string
}

/** A lane per host in the order they were first asked. */
export function lanesOf(attempts: readonly PullAttempt[], words: AttemptWords): Lane[] {
  const lanes = new Map<string, Lane>()
  for (const attempt of attempts) {
    if (!lanes.has(attempt.host)) {
      lanes.set(attempt.host, { id: attempt.host, title: attempt.host, note: words.role(attempt) })
    }
  }
  return [...lanes.values()]
}

export function barsOf(attempts: readonly PullAttempt[], words: AttemptWords): Bar[] {
  return attempts.map((attempt, index) => ({
    id: String(index),
    lane: attempt.host,
    start: attempt.start,
    duration: attempt.duration,
    tone: tones[attempt.outcome],
    text: attempt.status === undefined ? words.noStatus : String(attempt.status),
    caption: words.caption(attempt),
  }))
}

/**
 * Index of the attempt a verdict is about: the last at its host and step that was not served, else the last fault,
 * else the last of all; -1 without attempts.
 */
export function tellingAttempt(attempts: readonly PullAttempt[], verdict: PullVerdict | undefined): number {
  const named = attempts.findLastIndex(
    (attempt) =>
      attempt.host === verdict?.host && attempt.step === verdict.step && attempt.outcome !== 'served',
  )
  if (named !== -1) return named
  const fault = attempts.findLastIndex((attempt) => attempt.outcome === 'fault')
  return fault === -1 ? attempts.length - 1 : fault
}

/** What the other side said in the registry's own error format, `CODE: message`; undefined where it said nothing. */
export function wordsOf(attempt: PullAttempt | undefined): string | undefined {
  const error = attempt?.failure?.ociErrors[0]
  if (error === undefined) return undefined
  return error.message === undefined ? error.code : `${error.code}: ${error.message.replace(/\.$/, '')}`
}
