import type { Connection } from '../oci/connection.ts'
import { type CertificateDirectories, readMachineTrust } from '../oci/tls/certificate-directories.ts'
import type { SavedTls } from '../oci/tls/saved.ts'
import type { Vault } from '../ports.ts'
import { keyVaultKey } from './saved.ts'

/** What is known of a registry whose TLS is to be met. */
export interface TrustAsked {
  url: string
  tls?: SavedTls | undefined
  /** The client key of a draft. */
  clientKey?: string | undefined
  /** The entry whose stored client key counts where the draft brings none. */
  id: string | undefined
}

/** How a registry's TLS is met, and where each part of it stands. */
export interface Trust {
  tls?: NonNullable<Connection['tls']>
  /** PEM of authorities by where they stand: `entry`, or a file of certs.d. */
  authorities: Array<{ from: string; ca: string }>
  /** Files of certs.d that could not be read. */
  unread: string[]
}

/**
 * Puts together what the entry says and what the folders of docker, podman and containerd say of its registry: all
 * authorities count, the entry's client certificate comes first.
 */
export async function trustOf(
  asked: TrustAsked,
  ports: { vault: Vault; directories: CertificateDirectories },
): Promise<Trust> {
  if (new URL(asked.url).protocol !== 'https:') return { authorities: [], unread: [] }
  const machine = await readMachineTrust(asked.url, ports.directories)
  const { tls } = asked
  const authorities = [
    ...(tls?.ca !== undefined ? [{ from: 'entry', ca: tls.ca }] : []),
    ...machine.authorities,
  ]
  const client = (await ownClient(asked, ports.vault)) ?? machine.client
  const unverified = tls?.verify === false
  if (authorities.length === 0 && client === undefined && !unverified) {
    return { authorities, unread: machine.unread }
  }
  return {
    tls: {
      ca: authorities.map(({ ca }) => ca),
      ...(client !== undefined ? { client: { certificate: client.certificate, key: client.key } } : {}),
      ...(unverified ? { verify: false } : {}),
    },
    authorities,
    unread: machine.unread,
  }
}

async function ownClient({ tls, clientKey, id }: TrustAsked, vault: Vault) {
  const certificate = tls?.clientCertificate
  if (certificate === undefined) return undefined
  const key = clientKey ?? (id === undefined ? undefined : await vault.get(keyVaultKey(id)))
  return key === undefined ? undefined : { certificate, key }
}
