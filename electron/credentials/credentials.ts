import type { CredentialDraft } from '../../shared/model/registry.ts'
import type { ResolvedCredential } from '../oci/credential.ts'
import type { Vault } from '../ports.ts'
import { dockerCredential } from './docker-config.ts'
import type { Environment } from './helper.ts'

/**
 * The credential `draft` stands for at `url`. A draft without its password takes the one kept under `vaultKey`.
 * Undefined means: ask anonymously. Throws a FailureError where the docker configuration or a helper is broken.
 */
export async function resolveCredential(from: {
  url: string
  draft: CredentialDraft
  vault: Vault
  vaultKey?: string
  env: Environment
  home: string
}): Promise<ResolvedCredential | undefined> {
  const { draft } = from
  switch (draft.source) {
    case 'anonymous':
      return undefined
    case 'docker-config':
      return dockerCredential(from)
    case 'password': {
      const { username } = draft
      const password = draft.password ?? (await keptPassword(from.vault, from.vaultKey))
      return password === undefined ? undefined : { source: 'password', username, password }
    }
  }
}

async function keptPassword(vault: Vault, key: string | undefined): Promise<string | undefined> {
  return key === undefined ? undefined : vault.get(key)
}

/** The user's directory as the environment names it. */
export function homeOf(env: Environment): string {
  return env['HOME'] ?? env['USERPROFILE'] ?? ''
}
