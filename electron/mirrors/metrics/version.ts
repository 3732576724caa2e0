import type { AgentDetail } from '../../../shared/model/mirror-detail.ts'

type Version = AgentDetail['version']

/** What something seen says: the first and the last release that has it. */
interface Sign {
  seen: string
  from?: string
  to?: string
}

/**
 * From Spegel's own sources, every tag from 0.0.5 to 0.7.4 (notes/spegel.md 1.1 to 1.3), and real agents of 0.1.1,
 * 0.4.0, 0.6.0 and 0.7.4. A family or label that a release gave up has the last one that had it as `to`.
 */
const signs: readonly Sign[] = [
  { seen: 'spegel_mirror_requests_total{source}', to: '0.1' },
  { seen: 'spegel_mirror_requests_total{cache,registry}', from: '0.2' },
  { seen: 'spegel_mirror_last_success_timestamp_seconds', from: '0.4' },
  { seen: 'spegel_mirror_last_success_timestamp_seconds without a hit', from: '0.4', to: '0.4' },
  { seen: 'spegel_resolve_duration_seconds', from: '0.0.21' },
  { seen: 'spegel_advertised_images', to: '0.5' },
  { seen: 'spegel_advertised_keys', to: '0.5' },
  { seen: 'spegel_advertised_image_tags', from: '0.0.18' },
  { seen: 'spegel_advertised_image_digests', from: '0.0.18' },
  { seen: 'spegel_advertised_content_digests', from: '0.6' },
  { seen: 'http_request_duration_seconds{handler="/v2/*params"}', to: '0.0.20' },
  { seen: 'http_request_duration_seconds{handler="/v2/*"}', from: '0.0.21' },
  { seen: 'http_request_duration_seconds{handler="/healthz"}', to: '0.3' },
  { seen: 'http_request_duration_seconds{handler="/readyz"}', from: '0.4' },
  { seen: 'http_request_duration_seconds{handler="/livez"}', from: '0.4' },
  { seen: 'http_request_duration_seconds{handler="/debug/web/*"}', from: '0.3' },
  { seen: 'http_request_duration_seconds{handler="/debug/web/metadata"}', from: '0.7' },
  { seen: 'http_response_size_bytes{le="0.005"}', to: '0.0.30' },
  { seen: 'http_response_size_bytes{le="1024"}', from: '0.1' },
]

/** Of go-libp2p, which k3s and RKE2 choose by themselves. */
const libraryLimit: Sign = { seen: 'libp2p_rcmgr_limit', from: '0.7' }

const oldest = '0.0.5'
/** Stands for whatever is newer, too. */
const newest = '0.7'

/** One for all: `localeCompare` makes itself one each time, for every agent of every view. */
const inOrder = new Intl.Collator('en', { numeric: true })

/**
 * Which Spegel this is. The tag of its image is exact; else what its metrics have and lack (`AgentSample.traits`) gives
 * a range of releases, `0.7` for all that is newer too. Signs that contradict each other, as a fork's may, give none.
 */
export function versionOf(traits: readonly string[], image?: string): Version {
  const found = signsIn(traits)
  const evidence = found.map((sign) => ({ seen: sign.seen, means: meaningOf(sign) }))
  const tag = tagOf(image)
  if (image !== undefined && tag !== undefined) {
    return { range: tag, from: 'image', evidence: [{ seen: image, means: tag }, ...evidence] }
  }
  const range = rangeOf(found)
  return {
    ...(range !== undefined && { range }),
    from: range === undefined ? 'unknown' : 'families',
    evidence,
  }
}

function signsIn(traits: readonly string[]): Sign[] {
  const has = new Set(traits)
  const found = signs.filter(({ seen }) => has.has(seen))
  // it is there from an agent's start on, so lacking it says something wherever anything was read
  if (has.size > 0 && !has.has('spegel_mirror_last_success_timestamp_seconds')) {
    found.push({ seen: 'no spegel_mirror_last_success_timestamp_seconds', to: '0.3' })
  }
  if (traits.some((trait) => trait.startsWith('kubelet_'))) return found
  if (has.has(libraryLimit.seen)) found.push(libraryLimit)
  else if (has.has('libp2p_rcmgr_connections')) found.push({ seen: `no ${libraryLimit.seen}`, to: '0.6' })
  return found
}

/** `≥ 0.4`, `≤ 0.3`, `0.4`: understood in every language. */
function meaningOf({ from, to }: Sign): string {
  if (from === to) return from ?? ''
  return from === undefined ? `≤ ${to}` : `≥ ${from}`
}

function rangeOf(found: readonly Sign[]): string | undefined {
  if (found.length === 0) return undefined
  const from = found.map((sign) => sign.from ?? oldest).reduce((a, b) => (isOlder(a, b) ? b : a), oldest)
  const to = found.map((sign) => sign.to ?? newest).reduce((a, b) => (isOlder(a, b) ? a : b), newest)
  if (isOlder(to, from)) return undefined
  return from === to ? from : `${from} to ${to}`
}

function isOlder(one: string, other: string): boolean {
  return inOrder.compare(one, other) < 0
}

/** `0.7.4` of `ghcr.io/spegel-org/spegel:v0.7.4@sha256:…`; a tag of something else than Spegel says nothing of it. */
function tagOf(image: string | undefined): string | undefined {
  return /(?:^|\/)[^/:@]*spegel[^/:@]*:v?(\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?)(?:@|$)/.exec(image ?? '')?.[1]
}
