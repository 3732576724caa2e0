import { FailureError } from '../../shared/model/failure.ts'
import { failureError } from '../../shared/model/local-failure.ts'
import { type Descriptor, imageIndexSchema, type Referrers } from '../../shared/model/manifest.ts'
import { mediaTypes } from '../../shared/model/media-types.ts'
import type { Answer, Ask } from './ask.ts'
import { nextAsk } from './link.ts'
import { getManifest, manifestBytes } from './manifests.ts'
import { askAt, type RepositoryPlace } from './place.ts'
import { jsonOf, refusal } from './refusal.ts'

/** Referrers of one manifest that are read at most, and the pages they may come in. */
const maxReferrers = 50_000
const maxPages = 1000

/** A list of nothing may be null: Go writes an empty slice so. */
const listSchema = imageIndexSchema.extend({ manifests: imageIndexSchema.shape.manifests.nullable() })

export interface SubjectPlace extends RepositoryPlace {
  /** Digest of the manifest that is referred to. */
  digest: string
  /** Bytes that are read of a page or an index at most; `manifestBytes` where none is given. */
  maxBytes?: number | undefined
}

/** The fallback tag of a digest (distribution-spec, "Referrers Tag Schema"). */
export function referrersTag(digest: string): string {
  const colon = digest.indexOf(':')
  const safe = (text: string) => text.replaceAll(/[^a-zA-Z0-9._-]/g, '-')
  return `${safe(digest.slice(0, colon).slice(0, 32))}-${safe(digest.slice(colon + 1).slice(0, 64))}`
}

/**
 * GET /v2/<name>/referrers/<digest> (distribution-spec end-12), every page; where a registry does not have the API,
 * the index under the fallback tag. `artifactType` is filtered here where the registry did not (OCI-Filters-Applied).
 */
export async function listReferrers(place: SubjectPlace, artifactType?: string): Promise<Referrers> {
  const listed = await askApi(place, artifactType)
  if (listed !== undefined) return { descriptors: listed, from: 'api' }
  const index = await readFallback(place)
  if (index === undefined) return { descriptors: [], from: 'none' }
  return { descriptors: index.manifests.filter((one) => isOf(one, artifactType)), from: 'tag' }
}

/** What the referrers API lists; undefined where the registry does not have it. */
export async function askApi(place: SubjectPlace, artifactType?: string): Promise<Descriptor[] | undefined> {
  const query =
    artifactType === undefined ? '' : `?${new URLSearchParams({ artifactType: artifactType }).toString()}`
  let ask: Ask = askAt(place, `referrers/${place.digest}${query}`, {
    method: 'GET',
    phase: 'referrers',
    headers: { accept: mediaTypes.ociIndex },
    maxBytes: place.maxBytes ?? manifestBytes,
  })
  const seen = new Set<string>()
  const found: Descriptor[] = []
  for (let page = 1; page <= maxPages && found.length <= maxReferrers; page += 1) {
    const answer = await place.transport.send(ask)
    if (page === 1 && !hasApi(answer)) return undefined
    if (answer.status !== 200) throw refusal(ask, answer)
    const index = listSchema.safeParse(jsonOf(answer.body)).data
    if (index === undefined) throw noIndex(place, 'What it lists as referrers is no image index')
    const listed = index.manifests ?? []
    const filtered = (answer.headers['oci-filters-applied'] ?? '').split(',').map((one) => one.trim())
    found.push(
      ...(filtered.includes('artifactType') ? listed : listed.filter((one) => isOf(one, artifactType))),
    )
    const next = nextAsk(ask, answer, seen)
    if (next === undefined) return found
    ask = next
  }
  throw failureError(
    'answer-invalid',
    'referrers',
    `${new URL(place.url).host} sends referrers without end.`,
    {
      host: new URL(place.url).host,
      evidence: [{ fact: 'limit', value: `${maxReferrers} in ${maxPages} pages` }],
      next: ['ask-registry-admin'],
    },
  )
}

/**
 * A registry without the API says so in many ways (notes 2.4): 404, 405, 400, 406, a redirect to a page for people
 * (ghcr.io), or a page. What is refused for other reasons is not taken for that.
 */
function hasApi(answer: Answer): boolean {
  if ([400, 404, 405, 406].includes(answer.status)) return false
  if (answer.status >= 300 && answer.status < 400) return false
  if (answer.status !== 200) return true
  const json = jsonOf(answer.body)
  return typeof json === 'object' && json !== null && 'manifests' in json
}

/** The index under the fallback tag, its JSON as it came; undefined where there is no such tag. */
export async function readFallback(
  place: SubjectPlace,
): Promise<{ manifests: Descriptor[]; json: Record<string, unknown> } | undefined> {
  try {
    const stored = await getManifest({ ...place, reference: referrersTag(place.digest), phase: 'referrers' })
    const json = jsonOf(stored.bytes)
    const index = imageIndexSchema.safeParse(json).data
    if (index === undefined) {
      throw noIndex(place, `The tag ${referrersTag(place.digest)} holds no image index`)
    }
    return { manifests: index.manifests, json: json as Record<string, unknown> }
  } catch (error) {
    if (error instanceof FailureError && error.failure.kind === 'not-found') return undefined
    throw error
  }
}

function isOf(descriptor: Descriptor, artifactType: string | undefined): boolean {
  return artifactType === undefined || descriptor.artifactType === artifactType
}

function noIndex(place: SubjectPlace, what: string) {
  const { host } = new URL(place.url)
  return failureError('answer-invalid', 'referrers', `${what} (${host}).`, {
    host,
    next: ['ask-registry-admin'],
  })
}
