import type { FailureError } from '../../shared/model/failure.ts'
import type { Considered, CredentialDraft } from '../../shared/model/registry.ts'
import type { ResolvedCredential } from '../oci/credential.ts'
import type { Vault } from '../ports.ts'
import type { Machine } from './machine.ts'

/** What a draft stands for, and every place that was looked at. */
export interface Resolution {
  /** Undefined means: ask anonymously, unless there is a problem. */
  credential: ResolvedCredential | undefined
  considered: Considered[]
  /** What is broken, where a credential might have been. */
  problem?: FailureError
}

/**
 * The credential `draft` stands for at `url`, for `repository` or for the registry as such. A draft without its
 * password takes the one kept under `vaultKey`. `peek` also says what the places hold that were not chosen.
 */
export async function resolveCredential(from: {
  url: string
  repository?: string | undefined
  draft: CredentialDraft
  vault: Vault
  vaultKey?: string
  machine: Machine
  peek?: boolean
}): Promise<Resolution> {
  const { draft, machine, url } = from
  const peek = from.peek === true
  const others = async () => (peek ? machine.peek(url) : [])
  const anonymous = { source: 'anonymous', place: '', outcome: 'used' } as const
  switch (draft.source) {
    case 'anonymous':
      return { credential: undefined, considered: [anonymous, ...(await others())] }
    case 'docker-config': {
      const { credential, considered, problem } = await machine.find(url, from.repository, peek)
      return {
        credential,
        considered: credential === undefined ? [...considered, anonymous] : considered,
        ...(problem !== undefined ? { problem } : {}),
      }
    }
    case 'password': {
      const given = { source: 'password', place: '' } as const
      const password = draft.password ?? (await keptPassword(from.vault, from.vaultKey))
      if (password === undefined) {
        const considered = [{ ...given, outcome: 'no-entry' as const }, anonymous, ...(await others())]
        return { credential: undefined, considered }
      }
      return {
        credential: { source: 'password', username: draft.username, password },
        considered: [{ ...given, outcome: 'used' }, ...(await others())],
      }
    }
  }
}

/** The credential of a resolution; throws its problem, for to ask anonymously then would hide it. */
export function credentialIn({ credential, problem }: Resolution): ResolvedCredential | undefined {
  if (problem !== undefined) throw problem
  return credential
}

async function keptPassword(vault: Vault, key: string | undefined): Promise<string | undefined> {
  return key === undefined ? undefined : vault.get(key)
}
