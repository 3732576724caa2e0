import type { SavedSource } from './saved.ts'
import type { Connection } from '../../oci/connection.ts'
import type { SourceCredential, SourcePorts } from './source.ts'

/** Who asks and over which TLS, secrets read. */
export type Access = Pick<SourcePorts, 'credential' | 'connection'>

/** Puts what is saved of a source and its secrets together; a credential that lacks its secret is none. */
export function accessOf(
  { credential, tls }: SavedSource,
  { secret, key }: { secret: string | undefined; key: string | undefined },
): Access {
  const who = credentialOf(credential, secret)
  const connection = connectionOf(tls, key)
  return {
    ...(who !== undefined ? { credential: who } : {}),
    ...(connection !== undefined ? { connection } : {}),
  }
}

function credentialOf(
  { kind, username }: SavedSource['credential'],
  secret: string | undefined,
): SourceCredential | undefined {
  if (secret === undefined || kind === 'none') return undefined
  if (kind === 'bearer') return { kind, token: secret }
  return username === undefined ? undefined : { kind, username, password: secret }
}

function connectionOf(tls: SavedSource['tls'], key: string | undefined): Connection | undefined {
  if (tls === undefined) return undefined
  const { verify, ca, clientCertificate } = tls
  const client = clientCertificate !== undefined && key !== undefined
  if (verify && ca === undefined && !client) return undefined
  return {
    tls: {
      verify,
      ...(ca !== undefined ? { ca: [ca] } : {}),
      ...(client ? { client: { certificate: clientCertificate, key } } : {}),
    },
  }
}
