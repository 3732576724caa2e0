import { z } from 'zod'
import type { CredentialDraft, RegistryDraft } from '../../shared/model/registry.ts'
import { type SavedTls, savedTlsSchema } from '../oci/tls/saved.ts'
import type { Vault } from '../ports.ts'

const savedSchema = z.object({
  id: z.string(),
  name: z.string(),
  url: z.string(),
  credential: z.object({
    source: z.enum(['anonymous', 'docker-config', 'password']),
    username: z.string().optional(),
  }),
  tls: savedTlsSchema.optional(),
})

/** An entry of the list as it rests on disk: without any secret. */
export type Saved = z.infer<typeof savedSchema>

export const savedListSchema = z.object({ entries: z.array(savedSchema) })

/** What is kept of `draft` under `id`; its TLS as `tlsOfDraft` made it. */
export function savedOf(id: string, draft: RegistryDraft, tls: SavedTls | undefined): Saved {
  const { source } = draft.credential
  return {
    id,
    name: draft.name,
    url: draft.url,
    credential: source === 'password' ? { source, username: draft.credential.username } : { source },
    ...(tls !== undefined ? { tls } : {}),
  }
}

/** The credential of a saved entry as a draft that leaves its password to the vault. */
export function draftOf({ credential }: Saved): CredentialDraft {
  const { source, username } = credential
  if (source === 'password' && username !== undefined) return { source, username }
  return { source: source === 'docker-config' ? 'docker-config' : 'anonymous' }
}

/** The key of an entry's password in the vault. */
export function vaultKey(id: string): string {
  return `registry:${id}`
}

/** The key of an entry's client key in the vault. */
export function keyVaultKey(id: string): string {
  return `registry:${id}:key`
}

/** Whether a draft leads where the entry did: same origin, so never another host nor plain http. */
export function isSamePlace(before: Saved, draft: RegistryDraft): boolean {
  return new URL(before.url).origin === new URL(draft.url).origin
}

/** Whether a stored password still belongs to the entry. */
export function keepsSecret(before: Saved, draft: RegistryDraft): boolean {
  return draft.credential.source === 'password' && isSamePlace(before, draft)
}

/** Puts the secret of a draft into the vault, where the draft brings one. */
export async function keepSecret(vault: Vault, id: string, { credential }: RegistryDraft): Promise<void> {
  if (credential.source === 'password' && credential.password !== undefined) {
    await vault.set(vaultKey(id), credential.password)
  }
}
