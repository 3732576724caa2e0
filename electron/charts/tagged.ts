import { failureError } from '../../shared/model/local-failure.ts'
import { getManifest, headManifest, type ManifestPlace } from '../oci/manifests.ts'
import type { Publication } from './publication.ts'
import { isSameChart } from './same-chart.ts'

/** The digest of the manifest a tag names; undefined where the registry has no such tag. Throws a FailureError. */
export async function taggedDigest(place: ManifestPlace): Promise<string | undefined> {
  const found = await headManifest(place)
  // a registry may name no digest to a HEAD: then the bytes tell it
  return found === undefined ? undefined : (found.digest ?? (await getManifest(place)).digest)
}

/**
 * Whether the manifest a tag names is of the chart at hand: the very one, which costs no request, or one that says
 * another time of its making (`isSameChart`). Throws a FailureError.
 */
export async function isIn(
  place: ManifestPlace,
  digest: string,
  own: Pick<Publication, 'digest' | 'manifest'>,
): Promise<boolean> {
  if (digest === own.digest) return true
  const { bytes } = await getManifest({ ...place, reference: digest })
  return isSameChart(bytes, own.manifest)
}

/** What a tag names now. */
export interface Tagged {
  digest: string
  /** It is the chart at hand. */
  isSame: boolean
}

/** What a tag names beside the chart at hand; undefined where the registry has no such tag. Throws a FailureError. */
export async function findTagged(
  place: ManifestPlace,
  own: Pick<Publication, 'digest' | 'manifest'>,
): Promise<Tagged | undefined> {
  const digest = await taggedDigest(place)
  return digest === undefined ? undefined : { digest, isSame: await isIn(place, digest, own) }
}

/**
 * Refuses to move a tag from one content to another unless `overwrite` names what may go: helm has no such guard
 * (helm issues 9985, 10264). Throws a FailureError of kind `conflict` whose evidence has both digests.
 */
export function refuseOverwriting(
  { url, repository, reference }: Pick<ManifestPlace, 'url' | 'repository' | 'reference'>,
  digests: { found: string; own: string; overwrite: string | undefined },
): void {
  const { found, own, overwrite } = digests
  if (found === overwrite) return
  const { host } = new URL(url)
  const moved = overwrite !== undefined
  throw failureError(
    'conflict',
    'manifest',
    moved
      ? `${repository}:${reference} on ${host} is not what was to be overwritten any more: somebody published meanwhile.`
      : `${repository}:${reference} is on ${host} with other content, which stays.`,
    {
      host,
      evidence: [
        { fact: 'expected', value: overwrite ?? own },
        { fact: 'actual', value: found },
      ],
      next: ['choose-another-tag', 'overwrite'],
    },
  )
}
