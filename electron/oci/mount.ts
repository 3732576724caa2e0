import { FailureError } from '../../shared/model/failure.ts'
import { digestSchema } from '../../shared/model/reference.ts'
import type { AnswerHead } from './ask.ts'
import { digestMismatch } from './digest.ts'
import { askAt, type RepositoryPlace } from './place.ts'
import { refusal } from './refusal.ts'
import { abandonSession, locationOf } from './upload/session.ts'

const answerBytes = 64 * 1024

/** What a registry made of a mount; where it opened a session instead, `location` is the session's. */
export type Mounted = { mounted: true } | { mounted: false; location?: string }

/**
 * POST …/blobs/uploads/?mount=<digest>&from=<repository> (distribution-spec end-11): the blob of one repository
 * becomes one of another without its bytes. Asks for `pull` on `from` too. A registry that will not (notes 5.1:
 * 400, 401, 403, 404, 405; 202 opens a session instead) is no failure; any other answer throws a FailureError.
 */
export async function tryMount(
  place: RepositoryPlace,
  blob: { digest: string; from: string },
): Promise<Mounted> {
  const query = new URLSearchParams({ mount: blob.digest, from: blob.from })
  const ask = askAt(place, `blobs/uploads/?${query.toString()}`, {
    method: 'POST',
    phase: 'upload-session',
    scope: `repository:${place.repository}:pull,push repository:${blob.from}:pull`,
    maxBytes: answerBytes,
  })
  let answer: AnswerHead
  try {
    answer = await place.transport.send(ask)
  } catch (error) {
    // a token service may refuse the source's scope outright instead of granting less
    if (
      error instanceof FailureError &&
      error.failure.phase === 'token' &&
      error.failure.status !== undefined
    )
      return { mounted: false }
    throw error
  }
  if (answer.status === 201) {
    const stored = digestSchema.safeParse(answer.headers['docker-content-digest']).data
    if (stored !== undefined && stored !== blob.digest) {
      throw digestMismatch(new URL(ask.url).host, ask.phase, blob.digest, stored)
    }
    return { mounted: true }
  }
  if (answer.status === 202) {
    const location = locationOf(ask, answer)
    return { mounted: false, ...(location !== undefined ? { location } : {}) }
  }
  if ([400, 401, 403, 404, 405].includes(answer.status)) return { mounted: false }
  throw refusal(ask, answer)
}

/** The same as yes or no; a session the registry opened instead is given up. */
export async function mountBlob(
  place: RepositoryPlace,
  blob: { digest: string; from: string },
): Promise<boolean> {
  const result = await tryMount(place, blob)
  if (!result.mounted && result.location !== undefined) await abandonSession(place, result.location)
  return result.mounted
}
