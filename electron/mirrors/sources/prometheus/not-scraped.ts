import type { Evidence, Failure } from '../../../../shared/model/failure.ts'
import type { QueryAnswer } from './answer.ts'
import type { Target } from './labels.ts'
import { scrapesMinutes } from './queries.ts'

/** What Prometheus knows of its own scraping at one moment. */
export interface Scraping {
  /** `host:port` of the Prometheus. */
  host: string
  /** Its present, ms since 1970; undefined where no target has a sample. */
  now: number | undefined
  /** When a target's last sample was taken, ms since 1970, by the target's key. */
  seen: ReadonlyMap<string, number>
  /** Whether the last scrape of a target went well; of several Prometheus that scrape it, of any. */
  isUp: (target: Target) => boolean | undefined
  /** How the last scrape failed. */
  reasonOf: (target: Target) => string | undefined
  /** Milliseconds between two scrapes of a job, at most. */
  intervalOf: (job: string) => number
}

/**
 * Milliseconds a sample may be on its way to where it is asked for: remote write and Thanos take some, and
 * VictoriaMetrics does not show the newest 30 s (-search.latencyOffset).
 */
const onTheWay = 60_000

/** Reads the answers to `queries.up` and `queries.scrapes`. */
export function scrapingOf(
  host: string,
  { now, seen }: Pick<Scraping, 'now' | 'seen'>,
  { up, scrapes, reasonOf }: { up: QueryAnswer; scrapes: QueryAnswer; reasonOf: Scraping['reasonOf'] },
): Scraping {
  const ups = new Map<string, boolean>()
  for (const { labels, points } of up.series) {
    const key = addressOf(labels['job'], labels['instance'], labels['cluster'], labels['pod'])
    ups.set(key, ups.get(key) === true || points[0]?.value === 1)
  }
  const counts = new Map(
    scrapes.series.map(({ labels, points }) => [labels['job'] ?? '', points[0]?.value ?? 0]),
  )
  return {
    host,
    now,
    seen,
    isUp: ({ labels }) =>
      ups.get(addressOf(labels['job'], labels['instance'], labels['cluster'], labels['pod'])),
    reasonOf,
    intervalOf: (job) => (scrapesMinutes * 60_000) / Math.max(1, counts.get(job) ?? 1),
  }
}

/** `up` carries the labels of its target as they were before any relabelling of its metrics. */
function addressOf(...labels: Array<string | undefined>): string {
  return JSON.stringify(labels)
}

/**
 * What Prometheus says of a target: its last sample was taken at `at`, ms since 1970; or it gets none, with what is to
 * be seen of that. `gone`: it does not try to scrape it any more, and nothing of it is left.
 *
 * A failed scrape marks the series as stale at once and leaves `up` at 0. Where these marks get lost (federation, some
 * remote writes), or where whoever scrapes stopped itself, an instant query goes on showing the last sample for five
 * minutes: so its age counts as well.
 */
export function standingOf(target: Target, scraping: Scraping): { at: number } | Failure | 'gone' {
  const at = scraping.seen.get(target.key)
  if (scraping.isUp(target) === false) {
    const reason = scraping.reasonOf(target)
    return notScraped(scraping, target, at, 'could not scrape', [
      ...(reason === undefined ? [] : [{ fact: 'message' as const, value: reason }]),
      { fact: 'message', value: `${nameOf(target)} 0` },
    ])
  }
  if (at === undefined || scraping.now === undefined) return 'gone'
  const age = scraping.now - at
  const limit = 2 * scraping.intervalOf(target.job) + onTheWay
  if (age <= limit) return { at }
  return notScraped(scraping, target, at, `has had nothing for ${Math.round(age / 1000)} s from`, [
    { fact: 'limit', value: `${Math.round(limit / 1000)} s` },
  ])
}

function nameOf({ job, instance }: Target): string {
  return `up{job=${JSON.stringify(job)},instance=${JSON.stringify(instance)}}`.slice(0, 500)
}

function notScraped(
  { host }: Scraping,
  target: Target,
  at: number | undefined,
  what: string,
  evidence: Evidence[],
): Failure {
  const last =
    at === undefined ? [] : [{ fact: 'actual' as const, value: `last sample ${new Date(at).toISOString()}` }]
  return {
    kind: 'not-scraped',
    phase: 'scrape',
    message: `${host} ${what} ${target.instance.slice(0, 300) || target.job.slice(0, 300)}.`,
    host,
    ociErrors: [],
    answeredBy: 'prometheus',
    evidence: [...evidence, ...last],
    retryable: true,
    next: ['check-prometheus', 'check-mirror-agent'],
  }
}

/** Nothing of Spegel is there, nor was in the past hour. */
export function noAgents(host: string, matchers: string): Failure {
  const which = matchers === '' ? '' : ` with ${matchers.slice(0, 500)}`
  return {
    kind: 'no-agents',
    phase: 'scrape',
    message: `${host} has no series of Spegel${which}, and had none in the past hour.`,
    host,
    ociErrors: [],
    answeredBy: 'prometheus',
    evidence: [
      { fact: 'expected', value: `spegel_mirror_last_success_timestamp_seconds{${matchers.slice(0, 1000)}}` },
      { fact: 'actual', value: '0 series' },
    ],
    retryable: true,
    next: ['check-matchers', 'check-prometheus', 'install-mirror'],
  }
}
