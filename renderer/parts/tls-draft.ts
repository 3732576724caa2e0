import type { RegistryEntry, TlsDraft } from '../../shared/model/registry.ts'

/** What an entry shows of the TLS that is kept for it. */
export type KeptTls = RegistryEntry['tls']

/** The TLS part of the form; what is empty stays as it was kept. */
export interface TlsFields {
  verify: boolean
  ca: string
  dropCa: boolean
  certificate: string
  key: string
  dropClient: boolean
}

export function tlsFieldsOf(kept: KeptTls | undefined): TlsFields {
  return {
    verify: kept?.verify ?? true,
    ca: '',
    dropCa: false,
    certificate: '',
    key: '',
    dropClient: false,
  }
}

/** What the fields say in a draft; null takes away what is kept. */
export function tlsDraftOf(fields: TlsFields): TlsDraft {
  const { verify, ca, dropCa, certificate, key, dropClient } = fields
  return {
    verify,
    ...(ca.trim() !== '' ? { ca } : dropCa ? { ca: null } : {}),
    ...(certificate.trim() !== ''
      ? { clientCertificate: certificate }
      : dropClient
        ? { clientCertificate: null }
        : {}),
    ...(key.trim() !== '' ? { clientKey: key } : {}),
  }
}
