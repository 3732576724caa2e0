import { FailureError } from '../../shared/model/failure.ts'
import { failureError } from '../../shared/model/local-failure.ts'
import { digestSchema, tagSchema } from '../../shared/model/reference.ts'
import type { AnswerHead, Ask } from './ask.ts'
import { askAt, type RepositoryPlace } from './place.ts'
import { refusal } from './refusal.ts'

const answerBytes = 64 * 1024

/**
 * DELETE /v2/<name>/manifests/<digest> (distribution-spec end-9): the manifest goes, and with it every tag that
 * points to it. A registry whose deletion is switched off is a FailureError of kind `unsupported`.
 */
export async function deleteManifest(place: RepositoryPlace, digest: string): Promise<void> {
  if (!digestSchema.safeParse(digest).success) throw notA('digest', digest)
  const ask = deleteAsk(place, `manifests/${digest}`)
  const answer = await place.transport.send(ask)
  if (!isGone(answer)) throw refusal(ask, answer)
}

/**
 * DELETE /v2/<name>/manifests/<tag>: the tag goes, the manifest stays. Registries that delete by digest only are a
 * FailureError of kind `unsupported`: Harbor says 400 UNSUPPORTED, distribution 2.8 says 400 DIGEST_INVALID.
 */
export async function deleteTag(place: RepositoryPlace, tag: string): Promise<void> {
  if (!tagSchema.safeParse(tag).success) throw notA('tag', tag)
  const ask = deleteAsk(place, `manifests/${tag}`)
  const answer = await place.transport.send(ask)
  if (isGone(answer)) return
  const { failure } = refusal(ask, answer)
  if (failure.answeredBy !== 'registry' || ![400, 405].includes(answer.status))
    throw new FailureError(failure)
  throw new FailureError({
    ...failure,
    kind: 'unsupported',
    message: `${new URL(place.url).host} does not delete tags, only manifests by their digest: HTTP ${answer.status}.`,
    next: ['ask-registry-admin'],
  })
}

/** DELETE /v2/<name>/blobs/<digest> (end-10). */
export async function deleteBlob(place: RepositoryPlace, digest: string): Promise<void> {
  if (!digestSchema.safeParse(digest).success) throw notA('digest', digest)
  const ask = deleteAsk(place, `blobs/${digest}`)
  const answer = await place.transport.send(ask)
  if (!isGone(answer)) throw refusal(ask, answer)
}

/** go-containerregistry asks for all three actions (PR 2266: some token services want `delete` by name). */
function deleteAsk(place: RepositoryPlace, path: string): Ask {
  return askAt(place, path, {
    method: 'DELETE',
    phase: 'delete',
    scope: `repository:${place.repository}:delete,pull,push`,
    maxBytes: answerBytes,
  })
}

/** The spec says 202; others say what HTTP has for it. */
function isGone({ status }: AnswerHead): boolean {
  return [200, 202, 204].includes(status)
}

function notA(what: 'digest' | 'tag', given: string): FailureError {
  return failureError('input-invalid', 'delete', `"${given.slice(0, 200)}" is no ${what}.`, {
    next: ['check-name'],
  })
}
