import type { CredentialDraft } from '../../shared/model/registry.ts'
import { credentialIn, type Resolution, resolveCredential } from '../credentials/credentials.ts'
import type { Machine } from '../credentials/machine.ts'
import type { Transport } from '../oci/ask.ts'
import { type ClientOptions, createRegistryClient, type RegistryClient } from '../oci/client.ts'
import type { Connection } from '../oci/connection.ts'
import type { CredentialLookup, ResolvedCredential } from '../oci/credential.ts'
import type { CertificateDirectories } from '../oci/tls/certificate-directories.ts'
import type { Clock, Vault } from '../ports.ts'
import { vaultKey } from './saved.ts'
import { type Trust, type TrustAsked, trustOf } from './trust.ts'

/** A registry to be asked: one of the list, or a draft on trial. */
export interface Asked {
  url: string
  credential: CredentialDraft
  /** The entry whose stored secrets count; undefined for a draft that brings its own. */
  id: string | undefined
  tls?: Pick<TrustAsked, 'tls' | 'clientKey' | 'id'>
}

export interface ClientPorts extends Pick<ClientOptions, 'cache' | 'onWarning'> {
  vault: Vault
  transport: Transport
  machine: Machine
  clock: Clock
  /** How a registry is reached; straight where there is nothing to say. Asked before every use of a client. */
  connectionOf?: (asked: Asked) => Promise<Connection | undefined>
  /** Where other tools keep certificates for registries; nowhere if not said. */
  certificates?: CertificateDirectories
  /** Bytes of a manifest that are read at most. */
  manifestBytes?: () => Promise<number>
}

/** Makes clients, and keeps those of the list so that their tokens serve every screen. */
export interface Clients {
  /** The client of an entry of the list; a new one where its way or its limits have changed. */
  of(id: string, asked: Asked): Promise<RegistryClient>
  /** A client of its own. `way` sends it straight or through that relay, whatever the connection says. */
  make(asked: Asked, way?: { relayPort: number | undefined }): Promise<RegistryClient>
  /** What the registry is asked with, and every place that was looked at; nothing is thrown. */
  resolve(asked: Asked, more?: { repository?: string | undefined; peek?: boolean }): Promise<Resolution>
  /** How a registry is reached and what vouches for it. */
  reachedBy(asked: Asked): Promise<{ connection?: Connection; trust: Trust }>
  forget(id: string): void
}

export function createClients(ports: ClientPorts): Clients {
  const { vault, machine, transport, clock, cache, onWarning } = ports
  const directories = ports.certificates ?? { docker: [], containerd: [] }
  const kept = new Map<string, { options: string; client: RegistryClient }>()

  const resolve: Clients['resolve'] = ({ url, credential, id }, more) =>
    resolveCredential({
      url,
      draft: credential,
      vault,
      machine,
      ...(id !== undefined ? { vaultKey: vaultKey(id) } : {}),
      ...more,
    })

  /** A password is what it is; the log-ins of this machine depend on the repository and change at any time. */
  const credentialFor = async (asked: Asked): Promise<ResolvedCredential | CredentialLookup | undefined> =>
    asked.credential.source === 'docker-config'
      ? async (repository) => credentialIn(await resolve(asked, { repository }))
      : credentialIn(await resolve(asked))

  const reachedBy: Clients['reachedBy'] = async (asked) => {
    const way = await ports.connectionOf?.(asked)
    const trust = await trustOf({ url: asked.url, id: undefined, ...asked.tls }, { vault, directories })
    if (way === undefined && trust.tls === undefined) return { trust }
    return { connection: { ...way, ...(trust.tls !== undefined ? { tls: trust.tls } : {}) }, trust }
  }

  const optionsOf = async (asked: Asked): Promise<Pick<ClientOptions, 'connection' | 'limits'>> => {
    const { connection } = await reachedBy(asked)
    const manifestBytes = await ports.manifestBytes?.()
    return {
      ...(connection !== undefined ? { connection } : {}),
      ...(manifestBytes !== undefined ? { limits: { manifestBytes } } : {}),
    }
  }

  const build = async (asked: Asked, options: Awaited<ReturnType<typeof optionsOf>>) =>
    createRegistryClient({
      transport,
      clock,
      url: asked.url,
      credential: await credentialFor(asked),
      ...(cache !== undefined ? { cache } : {}),
      ...(onWarning !== undefined ? { onWarning } : {}),
      ...options,
    })

  return {
    of: async (id, asked) => {
      const options = await optionsOf(asked)
      const text = JSON.stringify(options)
      const known = kept.get(id)
      if (known?.options === text) return known.client
      const client = await build(asked, options)
      kept.set(id, { options: text, client })
      return client
    },
    make: async (asked, way) => {
      const options = await optionsOf(asked)
      if (way === undefined) return build(asked, options)
      const { relayPort: _, ...connection } = options.connection ?? {}
      const { relayPort } = way
      return build(asked, {
        ...options,
        connection: { ...connection, ...(relayPort !== undefined ? { relayPort } : {}) },
      })
    },
    resolve,
    reachedBy,
    forget: (id) => void kept.delete(id),
  }
}
