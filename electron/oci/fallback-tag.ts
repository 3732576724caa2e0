import { type Descriptor, referrerOf } from '../../shared/model/manifest.ts'
import { mediaTypes } from '../../shared/model/media-types.ts'
import { putManifest, type StoredManifest } from './manifests.ts'
import { askApi, readFallback, referrersTag, type SubjectPlace } from './referrers.ts'
import { jsonOf } from './refusal.ts'

/**
 * Keeps the index under the fallback tag where a registry does not list referrers by itself (distribution-spec,
 * "Pushing Manifests with Subject" and "Deleting Manifests"). Changes of one tag made by this object wait for each
 * other; another client's in the same moment may be lost, as the spec has it.
 */
export interface FallbackTags {
  /** `manifest` was pushed and the registry did not say OCI-Subject. Does nothing where it has no subject. */
  add(place: Omit<SubjectPlace, 'digest'>, manifest: StoredManifest): Promise<void>
  /** `manifest` was deleted. Asks first whether the registry has the API, which then forgets by itself. */
  remove(place: Omit<SubjectPlace, 'digest'>, manifest: StoredManifest): Promise<void>
}

export function createFallbackTags(): FallbackTags {
  const queues = new Map<string, Promise<void>>()
  const inTurn = async (key: string, job: () => Promise<void>): Promise<void> => {
    const before = queues.get(key)
    const turn = (before ?? Promise.resolve()).then(job)
    const settled = turn.catch(() => undefined)
    queues.set(key, settled)
    try {
      await turn
    } finally {
      if (queues.get(key) === settled) queues.delete(key)
    }
  }
  return {
    add: async (place, manifest) => {
      const referrer = referrerOf(manifest, jsonOf(manifest.bytes))
      if (referrer === undefined) return
      const at = { ...place, digest: referrer.subject.digest, push: true }
      await inTurn(`${place.repository} ${at.digest}`, async () => {
        const index = await readFallback(at)
        if (index?.manifests.some(({ digest }) => digest === manifest.digest) === true) return
        await write(at, index?.json, [...listOf(index?.json), referrer.descriptor])
      })
    },
    remove: async (place, manifest) => {
      const referrer = referrerOf(manifest, jsonOf(manifest.bytes))
      if (referrer === undefined) return
      const at = { ...place, digest: referrer.subject.digest, push: true }
      if ((await askApi(at)) !== undefined) return
      await inTurn(`${place.repository} ${at.digest}`, async () => {
        const index = await readFallback(at)
        if (index === undefined) return
        const rest = listOf(index.json).filter((one) => one.digest !== manifest.digest)
        if (rest.length < index.manifests.length) await write(at, index.json, rest)
      })
    },
  }
}

/** The entries as they stand, fields we do not know included. */
function listOf(json: Record<string, unknown> | undefined): Descriptor[] {
  return (json?.['manifests'] ?? []) as Descriptor[]
}

async function write(
  place: SubjectPlace,
  json: Record<string, unknown> | undefined,
  manifests: Descriptor[],
): Promise<void> {
  const index = { schemaVersion: 2, mediaType: mediaTypes.ociIndex, ...json, manifests }
  const bytes = Buffer.from(JSON.stringify(index), 'utf8')
  await putManifest(
    { ...place, reference: referrersTag(place.digest) },
    { mediaType: index.mediaType, bytes },
  )
}
