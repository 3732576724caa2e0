import { z } from 'zod'
import { failureError } from '../../shared/model/local-failure.ts'
import type { RegistryDraft, RegistryEntry } from '../../shared/model/registry.ts'
import { certificatesIn, checkClientPair } from '../oci/tls/pem.ts'
import type { Vault } from '../ports.ts'

/** How an entry's TLS rests on disk: certificates are public, the key of the client's lies in the vault. */
export const savedTlsSchema = z.object({
  verify: z.boolean(),
  ca: z.string().optional(),
  clientCertificate: z.string().optional(),
})
export type SavedTls = z.infer<typeof savedTlsSchema>

interface Before {
  url: string
  tls?: SavedTls | undefined
}

/** The key of an entry's client key in the vault. */
export function keyVaultKey(id: string): string {
  return `registry:${id}:key`
}

/**
 * What `draft` makes of an entry's TLS. What it leaves out stays as it was, as long as the origin does: what was said
 * of one registry is not said of another. `key` is the client key it brings; undefined, the stored one counts as
 * long as `keepsKey`. Throws a FailureError `input-invalid` for what is no certificate, or no pair.
 */
export function tlsOfDraft(
  { url, tls }: RegistryDraft,
  before: Before | undefined,
): { saved?: SavedTls; key?: string; keepsKey: boolean } {
  const same = before !== undefined && new URL(before.url).origin === new URL(url).origin
  const kept = same ? before.tls : undefined
  if (tls === undefined) {
    return { ...(kept !== undefined ? { saved: kept } : {}), keepsKey: kept?.clientCertificate !== undefined }
  }
  const ca = tls.ca === undefined ? kept?.ca : (tls.ca ?? undefined)
  if (tls.ca != null) certificatesIn(tls.ca)
  const certificate =
    tls.clientCertificate === undefined ? kept?.clientCertificate : (tls.clientCertificate ?? undefined)
  if (certificate !== undefined && tls.clientKey !== undefined) checkClientPair(certificate, tls.clientKey)
  else if (tls.clientCertificate != null || tls.clientKey !== undefined) {
    throw failureError('input-invalid', 'input', 'A client certificate and its key are given together.')
  }
  return {
    saved: {
      verify: tls.verify,
      ...(ca !== undefined ? { ca } : {}),
      ...(certificate !== undefined ? { clientCertificate: certificate } : {}),
    },
    ...(tls.clientKey !== undefined ? { key: tls.clientKey } : {}),
    keepsKey: certificate !== undefined,
  }
}

/** Puts a client key into the vault, or takes out one that no longer belongs to the entry. */
export async function keepClientKey(
  vault: Vault,
  id: string,
  { key, keepsKey }: ReturnType<typeof tlsOfDraft>,
): Promise<void> {
  if (key !== undefined) await vault.set(keyVaultKey(id), key)
  else if (!keepsKey) await vault.remove(keyVaultKey(id))
}

/** What a list shows of it. A vault in memory forgets keys: without its key a certificate is none. */
export async function shownTls(
  vault: Vault,
  { id, tls }: { id: string; tls?: SavedTls | undefined },
): Promise<RegistryEntry['tls']> {
  const certificate = tls?.clientCertificate !== undefined
  return {
    verify: tls?.verify ?? true,
    hasCa: tls?.ca !== undefined,
    hasClientCertificate: certificate && (await vault.get(keyVaultKey(id))) !== undefined,
  }
}
