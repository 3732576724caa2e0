import { type Failure, FailureError } from '../../../shared/model/failure.ts'
import type { Resolution } from '../../credentials/credentials.ts'
import type { RegistryClient } from '../../oci/client.ts'
import type { Ping } from '../../oci/ping.ts'
import { type Finding, found } from '../finding.ts'
import { Blame, blaming } from './line.ts'

/** A registry that answered: how, or whom it refused when it was asked as such and not for a repository. */
export interface Answering {
  client: RegistryClient
  ping: Ping | undefined
  refused: Failure | undefined
}

/** Asks whether it is a registry. One that refuses who asks is one; whatever else fails blames the registry. */
export async function askRegistry(
  clientOf: () => Promise<RegistryClient>,
  signal: AbortSignal,
): Promise<Answering> {
  const blame = (failure: Failure) => new Blame('registry', 'registry-failed', failure)
  const client = await blaming(clientOf(), blame)
  try {
    return { client, ping: await client.ping(signal), refused: undefined }
  } catch (error) {
    if (!(error instanceof FailureError) || error.failure.kind === 'cancelled') throw error
    if (isAboutWhoAsks(error.failure)) return { client, ping: undefined, refused: error.failure }
    throw blame(error.failure)
  }
}

/** Somebody who guards a registry answered: the registry itself, or the service whose tokens it wants. */
function isAboutWhoAsks({ kind, phase, answeredBy }: Failure): boolean {
  return phase === 'token' || (answeredBy === 'registry' && (kind === 'unauthorized' || kind === 'denied'))
}

export function registryFinding({ client, ping }: Answering): Finding {
  const { host } = new URL(client.url)
  if (ping === undefined) {
    return found('ok', 'registry-guarded', { host }, `${host} is a registry and wants to know who asks.`)
  }
  const milliseconds = String(Math.round(ping.milliseconds))
  const message = `${host} is a registry and answers in ${milliseconds} ms.`
  return found('ok', 'registry-answers', { host, milliseconds, authentication: ping.authentication }, message)
}

/** Which place the credential came from; `refused` is what the registry said to it. */
export function credentialFinding({ credential, considered }: Resolution, host: string): Finding {
  const used = considered.find(({ outcome }) => outcome === 'used')
  if (credential === undefined || used === undefined) {
    const message = `${host} is asked anonymously: no log-in for it was found or chosen.`
    return found('note', 'credentials-anonymous', { host }, message)
  }
  const values = { host, source: used.source, place: used.place }
  const shown = [used.source, used.place].filter((part) => part !== '').join(', ')
  return found('ok', 'credentials-found', values, `${host} is asked with a log-in from ${shown}.`)
}
