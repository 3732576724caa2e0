import type { Descriptor } from '../../../shared/model/manifest.ts'
import type { StoredManifest } from '../manifests.ts'
import type { BlobSource } from '../upload/blob-source.ts'

/** What of a descriptor finds and checks content; `size` in bytes. */
export type Content = Pick<Descriptor, 'mediaType' | 'digest' | 'size'>

/**
 * Where content is read from: a repository of a registry, an OCI image layout, a `docker save` archive. What it
 * hands out has been compared with its digest. Every method throws a FailureError that names the source.
 */
export interface ContentSource {
  /** The host or the file, as failures name it. */
  readonly name: string
  /** A tag, a digest, or a name of a layout; undefined where a layout has but one thing to offer. */
  resolve(reference: string | undefined): Promise<StoredManifest>
  /** undefined when it is not there. */
  manifest(content: Content): Promise<StoredManifest | undefined>
  hasBlob(content: Content): Promise<boolean>
  /** Nothing is read yet; what does not hold fails the stream before its last byte is handed out. */
  blob(content: Content): BlobSource
  /** Manifests whose subject is `digest`. */
  referrers(digest: string): Promise<Descriptor[]>
}

/** What became of content at the target: it was there, the registry linked it, or its bytes travelled. */
export type Stored = 'skipped' | 'mounted' | 'copied'

/** What a manifest is in what is copied: the one that was asked for, part of an index, or one that refers to another. */
export interface Role {
  role: 'root' | 'child' | 'referrer'
  /** The tag or name the root gets; without one it is kept by its digest alone. */
  reference?: string
}

/** Where content is written to. Every method throws a FailureError that names the target. */
export interface ContentTarget {
  readonly name: string
  /** How many blobs may be put at once. */
  readonly parallel: number
  /** Whether nothing is left to do for the manifest in this role. */
  hasManifest(digest: string, as: Role): Promise<boolean>
  /** `onSent` hears how many bytes of this blob have left; a new try begins at 0 again. */
  putBlob(blob: BlobSource, onSent: (bytes: number) => void): Promise<Stored>
  /** The manifest's blobs and children are there already. */
  putManifest(manifest: StoredManifest, as: Role): Promise<void>
}
