import { FailureError } from '../../../shared/model/failure.ts'
import type { RegistryClient } from '../../oci/client.ts'
import { learnedFor, planOf } from '../../oci/upload/plan.ts'
import type { UploadMemory } from '../../oci/upload/memory.ts'
import type { FixedTags } from '../fixed-tags.ts'
import { type Finding, found } from '../finding.ts'
import type { Access, Beginning } from './access.ts'
import { Blame } from './line.ts'

/**
 * Whether the repository is there, or made by the push: most registries do, ECR does not (helm issue 10169). A
 * registry that lists no tags leaves it open.
 */
export async function repositoryFinding(
  client: RegistryClient,
  { place, tagged }: Access,
  begun: Beginning,
): Promise<Finding> {
  const { repository } = place
  const exists = found('ok', 'repository-exists', { repository }, `${repository} exists.`)
  if (tagged !== undefined) return exists
  if ('session' in begun && begun.session === 'refused' && begun.failure.kind === 'not-found') {
    throw new Blame('repository', 'repository-missing', begun.failure)
  }
  const tags = client.tags(repository, place.signal)
  try {
    await tags.next()
    return exists
  } catch (error) {
    if (!(error instanceof FailureError) || error.failure.kind === 'cancelled') throw error
    if (error.failure.kind === 'not-found') {
      const message = `${repository} is not there yet; the push makes it.`
      return found('note', 'repository-new', { repository }, message)
    }
    const message = `Whether ${repository} exists cannot be known in advance: ${error.failure.message}`
    return found('note', 'repository-unknown', { repository }, message)
  } finally {
    await tags.return({ count: 0, pages: 0, complete: false })
  }
}

/** What stands under the tag: nothing, this very chart, or something else that only a deliberate act replaces. */
export function tagFinding(
  { place, tagged }: Access,
  tag: string,
  fixedTags: Pick<FixedTags, 'refusalOf'>,
): Finding {
  if (tagged === undefined) return found('ok', 'tag-free', { tag }, `The tag ${tag} is free.`)
  const { digest, isSame } = tagged
  if (isSame) {
    const message = `${tag} is this very chart already: there is nothing to do.`
    return found('note', 'tag-same-content', { tag, digest }, message)
  }
  const refusal = fixedTags.refusalOf({ ...place, tag })
  if (refusal !== undefined) throw new Blame('tag', 'tag-immutable', refusal)
  const message = `${tag} is there with other content (${digest}); publishing replaces it if told to overwrite.`
  return found('decide', 'tag-other-content', { tag, digest }, message)
}

/** The shape auto will send a chart of `size` bytes in, and why if it is not the usual one. */
export async function transportFinding(
  { url, route }: Pick<RegistryClient, 'url' | 'route'>,
  size: number,
  { memory, bufferBytes }: { memory: Pick<UploadMemory, 'recall'>; bufferBytes: number },
): Promise<Finding> {
  // without what was learned before, auto begins as it does everywhere
  const learned = await memory.recall(url, route).catch(() => undefined)
  const known = { url, bufferBytes, learned }
  const [strategy = 'chunked'] = planOf(size, known)
  const [refused] = learnedFor(size, known)?.refused ?? []
  if (refused === undefined) {
    return found('ok', 'transport-usual', { strategy }, `Auto sends it as ${strategy}.`)
  }
  const values = { strategy, refused: refused.strategy, at: String(refused.at), kind: refused.kind }
  const day = new Date(refused.at).toISOString().slice(0, 10)
  const message = `${refused.strategy} did not pass here on ${day} (${refused.kind}), so auto sends it as ${strategy}.`
  return found('ok', 'transport-learned', values, message)
}
