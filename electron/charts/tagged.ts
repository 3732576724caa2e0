import { failureError } from '../../shared/model/local-failure.ts'
import { getManifest, headManifest, type ManifestPlace } from '../oci/manifests.ts'

/** The digest of the manifest a tag names; undefined where the registry has no such tag. Throws a FailureError. */
export async function taggedDigest(place: ManifestPlace): Promise<string | undefined> {
  const found = await headManifest(place)
  // a registry may name no digest to a HEAD: then the bytes tell it
  return found === undefined ? undefined : (found.digest ?? (await getManifest(place)).digest)
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
      : `${repository}:${reference} is on ${host} with other content: nothing was sent.`,
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
