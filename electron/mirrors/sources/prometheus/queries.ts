import { clusterLabels } from './labels.ts'

/**
 * A family every agent has: the first from 0.4 on, before that the third while it knows an image, the second once it
 * was asked. (No Spegel is told by its job: that is whatever the operator called it.)
 */
const anchors = [
  'spegel_mirror_last_success_timestamp_seconds',
  'spegel_mirror_requests_total',
  'spegel_advertised_images',
]
/** Comes with every part. */
export const processStart = 'process_start_time_seconds'
/** Labels of the anchors that are not their target's. */
const anchorLabels = 'registry,cache,source'

/** One group of families that is asked for at once. */
export interface Part {
  name: 'counts' | 'answers' | 'served' | 'notFound' | 'gauges'
  query: string
}

/** The queries of one source: every selector carries its matchers, which are without braces. */
export interface Queries {
  /** When each agent was scraped last, in s since 1970: one series a target, with the target's labels. */
  times: string
  /** Targets that had series of Spegel at any time of the past hour. */
  recent: string
  /** How often each job was scraped in the past 10 minutes at most. */
  scrapes: string
  /** Whether the last scrape of each target of the jobs went well. */
  up(jobs: readonly string[]): string
  /** What an AgentSample is made of. */
  parts(jobs: readonly string[]): Part[]
  /** Node and its address of each agent's pod, as kube-state-metrics knows them. */
  pods: string
}

/** Minutes that `scrapes` looks back. */
export const scrapesMinutes = 10

/**
 * http_*, process_* and libp2p_* exist for everything a Prometheus scrapes, and only their target tells whose they
 * are. So the agents are found first, by families only Spegel has, and the rest is asked for with the names of their
 * jobs, which is one look into an index however large the Prometheus is, and `and on(job,instance)` for jobs that
 * scrape other things beside Spegel. A list of all instances would be exact as well, and grow with the cluster. What
 * shares job and instance in another cluster comes along and is told apart by its other labels here.
 *
 * Answers to several queries are of several moments: a scrape may be committed in between. Each part is read at one
 * moment and brings the start of the process along, so that parts of two runs are never put together.
 */
export function queriesFor(matchers: string): Queries {
  const own = bareMatchers(matchers)
  const select = (names: readonly string[], ...more: string[]) => {
    const [name = ''] = names
    const labels = [...(names.length > 1 ? [`__name__=~"${names.join('|')}"`] : []), ...more, own]
    return `${names.length > 1 ? '' : name}{${labels.filter((label) => label !== '').join(',')}}`
  }
  const any = select(anchors)
  const each = (wrap: (selector: string) => string) =>
    anchors.map((name) => wrap(select([name]))).join(' or ')
  const agents = (names: readonly string[], ...more: string[]) =>
    `${select(names, ...more)} and on(job,instance) ${any}`

  return {
    times: `max without(${anchorLabels})(${each((selector) => `timestamp(${selector})`)})`,
    // of the first alone: a whole hour of the others is a hundred times as many samples
    recent: `count without(${anchorLabels})(last_over_time(${select(anchors.slice(0, 1))}[1h]))`,
    scrapes: `max by(job)(${each((selector) => `count_over_time(${selector}[${scrapesMinutes}m])`)})`,
    up: (jobs) => select(['up'], ofJobs(jobs)),
    parts: (jobs) => {
      const part = (name: Part['name'], names: readonly string[], ...more: string[]): Part => ({
        name,
        query: agents([...names, processStart], ofJobs(jobs), ...more),
      })
      // an empty alternative lets series pass that have no such label
      return [
        part('counts', [
          'spegel_mirror_requests_total',
          'spegel_mirror_last_success_timestamp_seconds',
          ...all('spegel_resolve_duration_seconds'),
          'kubelet_node_name',
        ]),
        part(
          'answers',
          ['http_request_duration_seconds_count', 'http_response_size_bytes_sum'],
          'handler=~"|/v2/.*|/readyz|/healthz|/livez|/debug/web/.*"',
        ),
        part('served', all('http_request_duration_seconds'), 'handler=~"|/v2/.*"', 'code=~"|200|206"'),
        part('notFound', all('http_request_duration_seconds'), 'handler=~"|/v2/.*"', 'code=~"|404"'),
        part(
          'gauges',
          [
            'spegel_advertised_images',
            'spegel_advertised_keys',
            'spegel_advertised_image_tags',
            'spegel_advertised_image_digests',
            'spegel_advertised_content_digests',
            'process_resident_memory_bytes',
            'libp2p_rcmgr_connections',
            // these two tell versions apart
            'libp2p_rcmgr_limit',
            'http_response_size_bytes_bucket',
          ],
          'scope=~"|system"',
          'resource=~"|fd"',
          'le=~"|0.005|1024|1024.0"',
        ),
      ]
    },
    pods:
      `count by(${[...clusterLabels, 'namespace', 'pod', 'node', 'host_ip'].join(',')})` +
      `(kube_pod_info and on(namespace,pod) ${any})`,
  }
}

/** Matchers as they stand between braces, which a person may have typed as well. */
export function bareMatchers(text: string): string {
  const trimmed = (part: string) => part.replaceAll(/^[\s,]+|[\s,]+$/g, '')
  return trimmed(trimmed(text).replace(/^\{(.*)\}$/s, '$1'))
}

function all(histogram: string): string[] {
  return ['bucket', 'sum', 'count'].map((ending) => `${histogram}_${ending}`)
}

/** More jobs than any source has are not named one by one. */
const maxJobs = 50

function ofJobs(jobs: readonly string[]): string {
  if (jobs.length > maxJobs) return ''
  if (jobs.length === 1) return `job=${quoted(jobs[0] ?? '')}`
  return `job=~${quoted(jobs.map((job) => job.replaceAll(/[\\.+*?()|[\]{}^$]/g, '\\$&')).join('|'))}`
}

/** PromQL quotes as Go does, and JSON's escapes are among Go's. */
function quoted(text: string): string {
  return JSON.stringify(text)
}
