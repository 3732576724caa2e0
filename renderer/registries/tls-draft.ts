import type { RegistryDraft, RegistryEntry } from '../../shared/model/registry.ts'

/** The TLS part of the form; what is empty stays as it was kept. */
export interface TlsFields {
  verify: boolean
  ca: string
  dropCa: boolean
  certificate: string
  key: string
  dropClient: boolean
}

export function tlsFieldsOf(entry: RegistryEntry | undefined): TlsFields {
  return {
    verify: entry?.tls.verify ?? true,
    ca: '',
    dropCa: false,
    certificate: '',
    key: '',
    dropClient: false,
  }
}

/** What the fields say in a draft; null takes away what is kept. */
export function tlsDraftOf(fields: TlsFields): NonNullable<RegistryDraft['tls']> {
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

/** A saved entry as the draft that changes nothing about it. */
export function draftOfEntry({ name, url, credential }: RegistryEntry): RegistryDraft {
  const { source, username } = credential
  return {
    name,
    url,
    credential:
      source === 'password' && username !== undefined
        ? { source, username }
        : { source: source === 'docker-config' ? source : 'anonymous' },
  }
}
