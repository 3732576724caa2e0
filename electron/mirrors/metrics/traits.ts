import type { Family } from './families.ts'

type Families = ReadonlyMap<string, Family>

const handlers: ReadonlySet<string> = new Set([
  '/v2/*',
  '/v2/*params',
  '/healthz',
  '/readyz',
  '/livez',
  '/debug/web/*',
  '/debug/web/metadata',
])
/** Others that begin with spegel_ say nothing known, and there may be any number of them. */
const knownFamilies = [
  'spegel_mirror_requests_total',
  'spegel_mirror_last_success_timestamp_seconds',
  'spegel_resolve_duration_seconds',
  'spegel_advertised_images',
  'spegel_advertised_keys',
  'spegel_advertised_image_tags',
  'spegel_advertised_image_digests',
  'spegel_advertised_content_digests',
  'libp2p_rcmgr_connections',
  'libp2p_rcmgr_limit',
]

/** Whether Spegel's families are mixed into a kubelet's, as k3s and RKE2 have it. */
export function isKubelet(families: Families): boolean {
  return kubeletFamily(families) !== undefined
}

function kubeletFamily(families: Families): string | undefined {
  for (const name of families.keys()) if (name.startsWith('kubelet_')) return name
  return undefined
}

/**
 * What tells versions of Spegel apart in a text (`versionOf` reads it): names of families, `name{label}` where a label
 * does and `name{handler="…"}` where a handler does, sorted. `movesOnMisses`: the last success was set without a hit.
 */
export function traitsOf(families: Families, movesOnMisses: boolean): string[] {
  const kubelet = kubeletFamily(families)
  const traits = [
    ...knownFamilies.filter((name) => families.has(name)),
    ...(kubelet === undefined ? [] : [kubelet]),
    ...requestTraits(families.get('spegel_mirror_requests_total')),
    ...handlerTraits(families.get('http_request_duration_seconds'), kubelet !== undefined),
    ...sizeTraits(families.get('http_response_size_bytes')),
    ...(movesOnMisses ? ['spegel_mirror_last_success_timestamp_seconds without a hit'] : []),
  ]
  return [...new Set(traits)].sort()
}

function requestTraits(family: Family | undefined): string[] {
  const [series] = family?.series ?? []
  if (series === undefined) return []
  const labels = series.labels.get('source') === undefined ? 'cache,registry' : 'source'
  return [`spegel_mirror_requests_total{${labels}}`]
}

/**
 * Up to 0.2 whatever path a client asked for is a handler, with 404: those say nothing. Nor do a kubelet's, but for the
 * mirror's.
 */
function handlerTraits(family: Family | undefined, isKubelet: boolean): string[] {
  return (family?.series ?? []).flatMap(({ name, labels }) => {
    const handler = labels.get('handler') ?? ''
    const isMirror = handler.startsWith('/v2/')
    if (!name.endsWith('_count') || !handlers.has(handler)) return []
    if (!isMirror && (isKubelet || labels.get('code') === '404')) return []
    return [`http_request_duration_seconds{handler="${handler}"}`]
  })
}

/** Buckets of bytes since 0.1; before, those that are meant for seconds. OpenMetrics writes 1024 as 1024.0. */
function sizeTraits(family: Family | undefined): string[] {
  const bounds = new Set((family?.series ?? []).map(({ labels }) => Number(labels.get('le'))))
  return [0.005, 1024].filter((le) => bounds.has(le)).map((le) => `http_response_size_bytes{le="${le}"}`)
}
