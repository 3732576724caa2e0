import { createHash } from 'node:crypto'
import { Refusal } from './reply.ts'

/** A manifest as it was put, with what the referrers API needs to know of it. */
export interface StoredManifest {
  digest: string
  mediaType: string
  bytes: Uint8Array
  subject?: string
  artifactType?: string
  annotations?: Record<string, string>
}

interface Repository {
  blobs: Set<string>
  manifests: Map<string, StoredManifest>
  /** Tag to digest. */
  tags: Map<string, string>
}

export interface StoreLimits {
  /** Bytes of all blobs, manifests and open uploads together. */
  maxBytes: number
  /** Blobs, manifests and tags of all repositories together. */
  maxItems: number
}

/** The content of one registry, in memory: what does not fit is refused, nothing is evicted. */
export interface Store {
  /** Names of the repositories that hold a manifest, sorted. */
  repositories(): string[]
  has(repository: string): boolean
  tags(repository: string): string[]
  blob(repository: string, digest: string): Uint8Array | undefined
  addBlob(repository: string, digest: string, bytes: Uint8Array): void
  /** Links a blob another repository has; without `from`, any repository's. False where there is none. */
  mountBlob(repository: string, digest: string, from: string | undefined): boolean
  removeBlob(repository: string, digest: string): boolean
  /** By tag or digest. */
  manifest(repository: string, reference: string): StoredManifest | undefined
  addManifest(repository: string, manifest: StoredManifest, tag: string | undefined): void
  /** A tag goes alone; a digest takes the tags that point to it along. */
  removeManifest(repository: string, reference: string): boolean
  /** Manifests whose subject is `digest`. */
  referrers(repository: string, digest: string): StoredManifest[]
  /** Takes bytes of an open upload into account; throws a Refusal when they do not fit. */
  reserve(bytes: number): void
  release(bytes: number): void
}

export function digestOf(bytes: Uint8Array, algorithm = 'sha256'): string {
  return `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`
}

export function createStore(limits: StoreLimits): Store {
  const repositories = new Map<string, Repository>()
  const contents = new Map<string, Uint8Array>()
  let bytes = 0
  let items = 0

  /** Takes both into account or neither. */
  const admit = (moreBytes: number, moreItems: number): void => {
    if (bytes + moreBytes > limits.maxBytes) {
      throw new Refusal(413, 'SIZE_INVALID', `this registry holds at most ${limits.maxBytes} bytes`)
    }
    if (items + moreItems > limits.maxItems) {
      throw new Refusal(413, 'DENIED', `this registry holds at most ${limits.maxItems} items`)
    }
    bytes += moreBytes
    items += moreItems
  }
  const open = (name: string): Repository => {
    const known = repositories.get(name)
    if (known !== undefined) return known
    const fresh: Repository = { blobs: new Set(), manifests: new Map(), tags: new Map() }
    repositories.set(name, fresh)
    return fresh
  }
  const linkBlob = (repository: string, digest: string, newBytes: number): void => {
    const isNew = repositories.get(repository)?.blobs.has(digest) !== true
    admit(newBytes, isNew ? 1 : 0)
    open(repository).blobs.add(digest)
  }
  const removeTag = (repository: Repository, tag: string): boolean => {
    const removed = repository.tags.delete(tag)
    if (removed) items -= 1
    return removed
  }

  return {
    repositories: () => {
      const filled = Array.from(repositories).filter(([, repository]) => repository.manifests.size > 0)
      return filled.map(([name]) => name).sort()
    },
    has: (repository) => repositories.has(repository),
    tags: (repository) => Array.from(repositories.get(repository)?.tags.keys() ?? []).sort(),
    blob: (repository, digest) =>
      repositories.get(repository)?.blobs.has(digest) === true ? contents.get(digest) : undefined,
    addBlob: (repository, digest, blob) => {
      linkBlob(repository, digest, contents.has(digest) ? 0 : blob.byteLength)
      if (!contents.has(digest)) contents.set(digest, blob)
    },
    mountBlob: (repository, digest, from) => {
      const there =
        from === undefined ? contents.has(digest) : (repositories.get(from)?.blobs.has(digest) ?? false)
      if (there) linkBlob(repository, digest, 0)
      return there
    },
    removeBlob: (repository, digest) => {
      if (repositories.get(repository)?.blobs.delete(digest) !== true) return false
      items -= 1
      const linked = Array.from(repositories.values()).some(({ blobs }) => blobs.has(digest))
      if (!linked) {
        bytes -= contents.get(digest)?.byteLength ?? 0
        contents.delete(digest)
      }
      return true
    },
    manifest: (repository, reference) => {
      const { manifests, tags } = repositories.get(repository) ?? {}
      return manifests?.get(tags?.get(reference) ?? reference)
    },
    addManifest: (repository, manifest, tag) => {
      const known = repositories.get(repository)
      const isNew = known?.manifests.has(manifest.digest) !== true
      const isNewTag = tag !== undefined && known?.tags.has(tag) !== true
      admit(isNew ? manifest.bytes.byteLength : 0, Number(isNew) + Number(isNewTag))
      const { manifests, tags } = open(repository)
      manifests.set(manifest.digest, manifest)
      if (tag !== undefined) tags.set(tag, manifest.digest)
    },
    removeManifest: (name, reference) => {
      const repository = repositories.get(name)
      if (repository === undefined) return false
      if (removeTag(repository, reference)) return true
      const manifest = repository.manifests.get(reference)
      if (manifest === undefined) return false
      repository.manifests.delete(reference)
      bytes -= manifest.bytes.byteLength
      items -= 1
      for (const [tag, digest] of repository.tags) if (digest === reference) removeTag(repository, tag)
      return true
    },
    referrers: (repository, digest) =>
      Array.from(repositories.get(repository)?.manifests.values() ?? []).filter(
        ({ subject }) => subject === digest,
      ),
    reserve: (more) => admit(more, 0),
    release: (less) => {
      bytes -= less
    },
  }
}
