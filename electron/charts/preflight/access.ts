import type { Failure } from '../../../shared/model/failure.ts'
import { FailureError } from '../../../shared/model/failure.ts'
import { localFailure } from '../../../shared/model/local-failure.ts'
import type { Resolution } from '../../credentials/credentials.ts'
import type { AnswerHead, Ask, Transport } from '../../oci/ask.ts'
import type { RepositoryPlace } from '../../oci/place.ts'
import { lacks } from '../../oci/scope.ts'
import { abandonSession, openSession } from '../../oci/upload/session.ts'
import { type Finding, found } from '../finding.ts'
import type { Publication } from '../publication.ts'
import { findTagged, type Tagged } from '../tagged.ts'
import { Blame, blaming } from './line.ts'
import type { Answering } from './registry-checks.ts'

/** What the first request of a push shows: the tag as it is now, and how the registry was asked. */
export interface Access {
  place: RepositoryPlace
  /** What the tag names; undefined where there is no such tag. */
  tagged: Tagged | undefined
  authorizedBy: AnswerHead['authorizedBy']
}

/**
 * Asks for the tag with the right to push, as a push begins. Blames the credential for a 401, the permission for a
 * 403, and the tag for what else is refused. A password that was refused already is not sent again: directories lock
 * accounts.
 */
export async function access(
  { client, refused }: Answering,
  target: { repository: string; tag: string; publication: Publication },
  credentialOf: (repository: string | undefined) => Promise<Resolution>,
  signal: AbortSignal,
): Promise<Access> {
  const { repository, tag, publication } = target
  const { credential, problem } = await credentialOf(repository)
  if (problem !== undefined) throw new Blame('credentials', 'credentials-broken', problem.failure)
  if (refused !== undefined && credential !== undefined) {
    const before = await credentialOf(undefined)
    if (JSON.stringify(before.credential) === JSON.stringify(credential)) throw blameFor(refused)
  }
  let authorizedBy: AnswerHead['authorizedBy']
  const transport = heard(client.transport, (answer) => {
    authorizedBy = answer.authorizedBy
  })
  const place = { transport, url: client.url, repository, signal, push: true }
  const tagged = await blaming(findTagged({ ...place, reference: tag }, publication), blameFor)
  return { place, tagged, authorizedBy }
}

function blameFor(failure: Failure): Blame {
  if (failure.kind === 'denied') return new Blame('permission', 'permission-denied', failure)
  if (failure.kind === 'unauthorized' || failure.phase === 'token') {
    return new Blame('credentials', 'credentials-refused', failure)
  }
  return new Blame('tag', 'tag-failed', failure)
}

/** The same transport, with a look at the head of every answer. */
function heard(transport: Transport, hear: (answer: AnswerHead) => void): Transport {
  const tell = <A extends AnswerHead>(answer: A): A => {
    hear(answer)
    return answer
  }
  return {
    send: async (ask: Ask) => tell(await transport.send(ask)),
    open: async (ask: Ask) => tell(await transport.open(ask)),
    close: transport.close,
  }
}

/** How a push would begin: the rights a token states, or an upload session that was opened and given up at once. */
export type Beginning = { granted: string } | { session: 'opened' } | { session: 'refused'; failure: Failure }

/**
 * Whether a push may begin. Where the token states its rights nothing is sent. Where nobody states them only the
 * registry can tell: a session is asked for and given up, which leaves nothing behind and is how every push begins.
 */
export async function beginning({ place, authorizedBy }: Access): Promise<Beginning> {
  if (authorizedBy?.granted !== undefined) return { granted: authorizedBy.granted }
  try {
    const { location } = await openSession(place)
    // nobody waits for the answer: most registries allow it only with a right to delete, and let sessions run out
    void abandonSession(place, location)
    return { session: 'opened' }
  } catch (error) {
    if (!(error instanceof FailureError) || error.failure.kind === 'cancelled') throw error
    return { session: 'refused', failure: error.failure }
  }
}

/** Whether who asks may push there. */
export function permissionFinding({ place }: Access, begun: Beginning): Finding {
  const { repository } = place
  if ('granted' in begun) {
    const asked = `repository:${repository}:pull,push`
    if (lacks(begun.granted, asked)) {
      throw new Blame('permission', 'permission-lacking', tooFewRights(place, asked, begun.granted))
    }
    const values = { repository, granted: begun.granted }
    return found('ok', 'permission-granted', values, `The token grants pull and push on ${repository}.`)
  }
  if (begun.session === 'opened') {
    const message = `The registry opened an upload in ${repository}, which was given up again.`
    return found('ok', 'permission-tried', { repository }, message)
  }
  throw new Blame(
    begun.failure.kind === 'not-found' ? 'repository' : 'permission',
    begun.failure.kind === 'not-found' ? 'repository-missing' : 'permission-denied',
    begun.failure,
  )
}

/** A token service gives what is allowed of what is asked, which is no error of its own (notes 5.1). */
function tooFewRights({ url }: RepositoryPlace, asked: string, granted: string): Failure {
  const { host } = new URL(url)
  const rights = granted === '' ? 'nothing' : `only "${granted}"`
  return {
    ...localFailure('denied', 'token', `Of "${asked}" the token for ${host} allows ${rights}.`, {
      host,
      evidence: [
        { fact: 'asked-scope', value: asked.slice(0, 500) },
        { fact: 'granted-scope', value: granted.slice(0, 500) || 'none' },
      ],
      next: ['check-permission', 'log-in'],
    }),
    answeredBy: 'token-service',
  }
}
