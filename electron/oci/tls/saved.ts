import { z } from 'zod'
import { failureError } from '../../../shared/model/local-failure.ts'
import type { RegistryEntry, TlsDraft } from '../../../shared/model/registry.ts'
import type { Vault } from '../../ports.ts'
import { certificatesIn, checkClientPair } from './pem.ts'

/** How the TLS of a list's entry rests on disk: certificates are public, the key of the client's lies in the vault. */
export const savedTlsSchema = z.object({
  verify: z.boolean(),
  ca: z.string().optional(),
  clientCertificate: z.string().optional(),
})
export type SavedTls = z.infer<typeof savedTlsSchema>

/**
 * What `draft` makes of an entry's TLS. What it leaves out stays as in `kept`, which the caller leaves out where the
 * entry leads elsewhere now: what was said of one host is not said of another. `key` is the client key it brings;
 * undefined, the stored one counts as long as `keepsKey`. Throws a FailureError `input-invalid` for what is no
 * certificate, or no pair.
 */
export function tlsOfDraft(
  draft: TlsDraft | undefined,
  kept: SavedTls | undefined,
): { saved?: SavedTls; key?: string; keepsKey: boolean } {
  if (draft === undefined) {
    return { ...(kept !== undefined ? { saved: kept } : {}), keepsKey: kept?.clientCertificate !== undefined }
  }
  const ca = draft.ca === undefined ? kept?.ca : (draft.ca ?? undefined)
  if (draft.ca != null) certificatesIn(draft.ca)
  const certificate =
    draft.clientCertificate === undefined ? kept?.clientCertificate : (draft.clientCertificate ?? undefined)
  if (certificate !== undefined && draft.clientKey !== undefined)
    checkClientPair(certificate, draft.clientKey)
  else if (draft.clientCertificate != null || draft.clientKey !== undefined) {
    throw failureError('input-invalid', 'input', 'A client certificate and its key are given together.')
  }
  return {
    saved: {
      verify: draft.verify,
      ...(ca !== undefined ? { ca } : {}),
      ...(certificate !== undefined ? { clientCertificate: certificate } : {}),
    },
    ...(draft.clientKey !== undefined ? { key: draft.clientKey } : {}),
    keepsKey: certificate !== undefined,
  }
}

/** Puts a client key into the vault under `name`, or takes out one that no longer belongs to the entry. */
export async function keepClientKey(
  vault: Vault,
  name: string,
  { key, keepsKey }: ReturnType<typeof tlsOfDraft>,
): Promise<void> {
  if (key !== undefined) await vault.set(name, key)
  else if (!keepsKey) await vault.remove(name)
}

/** What a list shows of it; `name` is where its key lies. A vault in memory forgets keys: without its key a certificate is none. */
export async function shownTls(
  vault: Vault,
  name: string,
  tls: SavedTls | undefined,
): Promise<RegistryEntry['tls']> {
  const certificate = tls?.clientCertificate !== undefined
  return {
    verify: tls?.verify ?? true,
    hasCa: tls?.ca !== undefined,
    hasClientCertificate: certificate && (await vault.get(name)) !== undefined,
  }
}
