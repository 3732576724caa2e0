import type { Clock } from '../ports.ts'
import type { Transport } from './ask.ts'
import { authorize } from './authorize.ts'
import type { ResolvedCredential } from './credential.ts'
import { getBlob, headBlob } from './blobs.ts'
import { listRepositories, listTags, type NamePage, type NameTotal } from './catalog.ts'
import {
  getManifest,
  headManifest,
  type ManifestHead,
  putManifest,
  type StoredManifest,
} from './manifests.ts'
import { ping, type Ping } from './ping.ts'

/** Options of one request. `push` asks the token service for `pull,push` from the start. */
export interface RequestOptions {
  signal?: AbortSignal | undefined
  push?: boolean
}

/** One registry, asked as one identity. Every method throws a FailureError and nothing else. */
export interface RegistryClient {
  /** The registry's address: `https://host[:port]`. */
  readonly url: string
  /** Authorized; for uploads and for whoever walks this registry by hand. */
  readonly transport: Transport
  ping(signal?: AbortSignal): Promise<Ping>
  repositories(signal?: AbortSignal): AsyncGenerator<NamePage, NameTotal>
  tags(repository: string, signal?: AbortSignal): AsyncGenerator<NamePage, NameTotal>
  headManifest(
    repository: string,
    reference: string,
    options?: RequestOptions,
  ): Promise<ManifestHead | undefined>
  getManifest(repository: string, reference: string, options?: RequestOptions): Promise<StoredManifest>
  /** Returns the manifest's digest. */
  putManifest(
    repository: string,
    reference: string,
    manifest: { mediaType: string; bytes: Uint8Array },
    options?: RequestOptions,
  ): Promise<string>
  headBlob(
    repository: string,
    digest: string,
    options?: RequestOptions,
  ): Promise<{ size?: number } | undefined>
  /** A blob of at most 4 MiB, checked against its digest. */
  getBlob(repository: string, digest: string, options?: RequestOptions): Promise<Uint8Array>
}

/** A client for the registry at `url`, speaking through `transport` as `credential` says. */
export function createRegistryClient(options: {
  transport: Transport
  url: string
  credential: ResolvedCredential | undefined
  clock?: Clock
}): RegistryClient {
  const { url, credential, clock } = options
  const transport = authorize(options.transport, {
    credential,
    registryUrl: url,
    ...(clock !== undefined ? { clock } : {}),
  })
  return {
    url,
    transport,
    ping: (signal) => ping(options.transport, transport, url, signal),
    repositories: (signal) => listRepositories(transport, url, signal),
    tags: (repository, signal) => listTags(transport, url, repository, signal),
    headManifest: (repository, reference, more) =>
      headManifest({ transport, url, repository, reference, ...more }),
    getManifest: (repository, reference, more) =>
      getManifest({ transport, url, repository, reference, ...more }),
    putManifest: (repository, reference, manifest, more) =>
      putManifest({ transport, url, repository, reference, ...more }, manifest),
    headBlob: (repository, digest, more) => headBlob({ transport, url, repository, digest, ...more }),
    getBlob: (repository, digest, more) => getBlob({ transport, url, repository, digest, ...more }),
  }
}
