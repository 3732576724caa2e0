import type { Route } from '../../shared/model/upload.ts'
import type { Referrers } from '../../shared/model/manifest.ts'
import type { Clock } from '../ports.ts'
import type { Transport } from './ask.ts'
import { authorize } from './authorize.ts'
import { getBlob, headBlob } from './blobs.ts'
import type { ContentCache } from './cache/content-cache.ts'
import { blobThrough, manifestThrough } from './cache/through-cache.ts'
import { listRepositories, listTags, type NamePage, type NameTotal } from './catalog.ts'
import { connectThrough } from './connect-through.ts'
import type { Connection } from './connection.ts'
import type { CredentialLookup, ResolvedCredential } from './credential.ts'
import { deleteBlob, deleteManifest, deleteTag } from './delete.ts'
import { type BlobDownload, openBlob } from './download.ts'
import { createFallbackTags } from './fallback-tag.ts'
import {
  getManifest,
  headManifest,
  manifestBytes,
  type ManifestHead,
  putManifest,
  type StoredManifest,
} from './manifests.ts'
import { mountBlob } from './mount.ts'
import { ping, type Ping } from './ping.ts'
import { listReferrers } from './referrers.ts'
import { retrying, type Wait, waitForReal } from './retry.ts'
import { type Warning, withWarnings } from './warnings.ts'

/** Options of one request. `push` asks the token service for `pull,push` from the start. */
export interface RequestOptions {
  signal?: AbortSignal | undefined
  push?: boolean
}

/** One registry, asked as one identity. Every method throws a FailureError and nothing else. */
export interface RegistryClient {
  /** The registry's address: `https://host[:port]`. */
  readonly url: string
  /** What `transport` goes through. */
  readonly route: Route
  /** Authorized, and asking again where that is safe; for uploads and for whoever walks this registry by hand. */
  readonly transport: Transport
  /** Authorized, and asking once: who shows what others meet shows the first answer. */
  readonly once: Transport
  ping(signal?: AbortSignal): Promise<Ping>
  repositories(signal?: AbortSignal): AsyncGenerator<NamePage, NameTotal>
  tags(repository: string, signal?: AbortSignal): AsyncGenerator<NamePage, NameTotal>
  /** Always asks the registry; undefined where it has none. */
  headManifest(
    repository: string,
    reference: string,
    options?: RequestOptions,
  ): Promise<ManifestHead | undefined>
  /** By digest it may come from the cache, which does not prove that the registry still has it; `fresh` asks anew. */
  getManifest(
    repository: string,
    reference: string,
    options?: RequestOptions & { fresh?: boolean },
  ): Promise<StoredManifest>
  /**
   * Returns the manifest's digest. Where it has a subject and the registry does not list referrers by itself, the
   * index under the subject's fallback tag is brought up to date.
   */
  putManifest(
    repository: string,
    reference: string,
    manifest: { mediaType: string; bytes: Uint8Array },
    options?: RequestOptions,
  ): Promise<string>
  /** The manifest and every tag that points to it; it leaves the fallback tag of its subject too. */
  deleteManifest(repository: string, digest: string, options?: RequestOptions): Promise<void>
  /** The tag alone. A registry that deletes by digest only is a FailureError of kind `unsupported`. */
  deleteTag(repository: string, tag: string, options?: RequestOptions): Promise<void>
  /** What refers to `digest`; `from` is where that was read. */
  referrers(
    repository: string,
    digest: string,
    options?: RequestOptions & { artifactType?: string | undefined },
  ): Promise<Referrers>
  headBlob(
    repository: string,
    digest: string,
    options?: RequestOptions,
  ): Promise<{ size?: number } | undefined>
  /** A blob of at most 4 MiB, checked against its digest. */
  getBlob(repository: string, digest: string, options?: RequestOptions): Promise<Uint8Array>
  /**
   * A blob of any size as a stream: resumed after a drop, checked at its end, destroyed with a FailureError where it
   * is not what the digest names. `size` is what the descriptor says, where there is one.
   */
  openBlob(
    repository: string,
    digest: string,
    options?: RequestOptions & { size?: number | undefined },
  ): Promise<BlobDownload>
  /** Makes the blob of repository `from` one of `repository` without its bytes; false where the registry will not. */
  mountBlob(repository: string, digest: string, from: string, options?: RequestOptions): Promise<boolean>
  deleteBlob(repository: string, digest: string, options?: RequestOptions): Promise<void>
}

export interface ClientOptions {
  transport: Transport
  url: string
  credential: ResolvedCredential | CredentialLookup | undefined
  clock?: Clock
  /** Waits before something is asked again; by the clock of this machine where left out. */
  wait?: Wait
  /** How the registry is reached; straight where it is left out. */
  connection?: Connection
  cache?: ContentCache
  /** Hears every `Warning: 299` of the registry, repeated ones too. */
  onWarning?: (warning: Warning) => void
  limits?: {
    /** Bytes of a manifest or index that are read at most; 4 MiB where left out. */
    manifestBytes?: number
  }
}

/** A client for the registry at `url`, speaking through `transport` as `credential` says. */
export function createRegistryClient(options: ClientOptions): RegistryClient {
  const { url, cache } = options
  const { bare, once, transport } = transportsOf(options)
  const maxBytes = options.limits?.manifestBytes ?? manifestBytes
  const fallbackTags = createFallbackTags()
  const at = (repository: string, more: RequestOptions | undefined) => ({
    transport,
    url,
    repository,
    maxBytes,
    ...more,
  })
  const client: RegistryClient = {
    url,
    route: options.connection?.relayPort === undefined ? 'direct' : 'relay',
    transport,
    once,
    ping: (signal) => ping(bare, transport, url, signal),
    repositories: (signal) => listRepositories(transport, url, signal),
    tags: (repository, signal) => listTags(transport, url, repository, signal),
    headManifest: (repository, reference, more) => headManifest({ ...at(repository, more), reference }),
    getManifest: (repository, reference, more) => {
      const load = () => getManifest({ ...at(repository, more), reference })
      return cache === undefined || more?.fresh === true ? load() : manifestThrough(cache, reference, load)
    },
    putManifest: async (repository, reference, manifest, more) => {
      const place = at(repository, more)
      const { digest, subject } = await putManifest({ ...place, reference }, manifest)
      if (subject === undefined) await fallbackTags.add(place, { ...manifest, digest })
      return digest
    },
    deleteManifest: async (repository, digest, more) => {
      // what cannot be read can still be deleted; what it referred to is then not known
      const manifest = await client.getManifest(repository, digest, more).catch(() => undefined)
      await deleteManifest(at(repository, more), digest)
      if (manifest !== undefined) await fallbackTags.remove(at(repository, more), manifest)
    },
    deleteTag: (repository, tag, more) => deleteTag(at(repository, more), tag),
    referrers: (repository, digest, more) =>
      listReferrers({ ...at(repository, more), digest }, more?.artifactType),
    headBlob: (repository, digest, more) => headBlob({ ...at(repository, more), digest }),
    getBlob: (repository, digest, more) => {
      const load = () => getBlob({ ...at(repository, more), digest })
      return cache === undefined ? load() : blobThrough(cache, digest, load)
    },
    openBlob: (repository, digest, more) => openBlob({ ...at(repository, more), digest }),
    mountBlob: (repository, digest, from, more) => mountBlob(at(repository, more), { digest, from }),
    deleteBlob: (repository, digest, more) => deleteBlob(at(repository, more), digest),
  }
  return client
}

/**
 * The way of an ask: base, the registry's connection, its warnings, its credential, another try. `bare` is without
 * the last two: a ping tells at once that a registry is down.
 */
function transportsOf(options: ClientOptions): { bare: Transport; once: Transport; transport: Transport } {
  const { url, credential, connection, onWarning } = options
  const clock = options.clock ?? { now: Date.now }
  const reached =
    connection === undefined ? options.transport : connectThrough(options.transport, url, connection)
  const bare = onWarning === undefined ? reached : withWarnings(reached, { url, clock, onWarning })
  const again = { wait: options.wait ?? waitForReal, clock }
  const tokenTransport = retrying(bare, again)
  const once = authorize(bare, { credential, registryUrl: url, clock, tokenTransport })
  return { bare, once, transport: retrying(once, again) }
}
