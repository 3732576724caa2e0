import { Readable } from 'node:stream'
import { z } from 'zod'
import { failureError } from '../../../shared/model/local-failure.ts'
import { type Descriptor, descriptorSchema } from '../../../shared/model/manifest.ts'
import { isManifestType } from '../../../shared/model/media-types.ts'
import { digestSchema } from '../../../shared/model/reference.ts'
import type { Content, ContentSource } from '../copy/content.ts'
import { digestOf } from '../digest.ts'
import { manifestBytes, type StoredManifest } from '../manifests.ts'
import { referrersTag } from '../referrers.ts'
import { jsonOf } from '../refusal.ts'
import type { BlobSource } from '../upload/blob-source.ts'
import { archiveInvalid } from './archive-failure.ts'
import { checked, contentMismatch } from './checked.ts'
import { blobPath, layoutIndexSchema, layoutPaths, markerSchema, nameAnnotations } from './layout-format.ts'
import { childrenOf, wholePart } from './partial-index.ts'
import { readStored, type StoredFiles } from './stored-files.ts'

const manifestSchema = z.object({ schemaVersion: z.number() })
const subjectSchema = z.object({ subject: descriptorSchema.optional() })

/** The content of an OCI image layout; `name` is what failures call it. Throws `archive-invalid` where it is none. */
export async function layoutSource(files: StoredFiles, name: string): Promise<ContentSource> {
  const marker = await readStored(files, layoutPaths.marker, manifestBytes)
  if (!markerSchema.safeParse(jsonOf(marker ?? new Uint8Array())).success) {
    throw archiveInvalid('its version is not 1', layoutPaths.marker)
  }
  const bytes = await readStored(files, layoutPaths.index, manifestBytes)
  const index = layoutIndexSchema.safeParse(jsonOf(bytes ?? new Uint8Array())).data
  if (index === undefined) throw archiveInvalid('it is no image index', layoutPaths.index)
  const entries = index.manifests

  const manifest = async (content: Content): Promise<StoredManifest | undefined> => {
    const path = blobPath(content.digest)
    const isKnown = isManifestType(content.mediaType)
    if (!isKnown && ((await files.size(path)) ?? 0) > manifestBytes) return undefined
    const bytes = await readStored(files, path, manifestBytes)
    // a layout keeps manifests and blobs in one place: what it has of an unknown type tells by its shape
    if (bytes === undefined || (!isKnown && !manifestSchema.safeParse(jsonOf(bytes)).success))
      return undefined
    const actual = digestOf(bytes, content.digest)
    if (actual !== content.digest) throw contentMismatch(name, content.digest, actual)
    return { digest: content.digest, mediaType: content.mediaType, bytes }
  }
  /** Entries of index.json that refer to others: read once, when somebody asks for referrers. */
  let subjects: Promise<Array<{ subject: string; descriptor: Descriptor }>> | undefined
  const readSubjects = async () => {
    const found = []
    const unique = new Map(entries.map((entry) => [entry.digest, entry]))
    for (const descriptor of unique.values()) {
      const { subject } =
        subjectSchema.safeParse(jsonOf((await manifest(descriptor))?.bytes ?? new Uint8Array())).data ?? {}
      if (subject !== undefined) found.push({ subject: subject.digest, descriptor })
    }
    return found
  }

  return {
    name,
    resolve: async (reference) => {
      const descriptor = (await listedBelow(reference)) ?? choose(entries, reference, name)
      const found = await manifest(descriptor)
      if (found === undefined) throw missing(name, descriptor.digest)
      return wholePart({ files, name, manifest }, found)
    },
    manifest,
    hasBlob: async ({ digest }) => (await files.size(blobPath(digest))) !== undefined,
    blob: (content) => storedBlob(files, { path: blobPath(content.digest), content, name }),
    referrers: async (digest) => {
      subjects ??= readSubjects()
      const own = (await subjects).filter(({ subject }) => subject === digest)
      const tagged = await fallbackReferrers(digest)
      return [...own.map(({ descriptor }) => descriptor), ...tagged]
    },
  }

  /** What an index of the layout lists under this digest: one platform of an image. */
  async function listedBelow(reference: string | undefined): Promise<Descriptor | undefined> {
    if (!digestSchema.safeParse(reference).success) return undefined
    for (const entry of entries) {
      const listed = childrenOf(await manifest(entry)).find(({ digest }) => digest === reference)
      if (listed !== undefined) return listed
    }
    return undefined
  }

  /** regclient keeps referrers of a layout as registries without the API do: under the fallback tag. */
  async function fallbackReferrers(digest: string): Promise<Descriptor[]> {
    const tag = referrersTag(digest)
    const entry = entries.find(({ annotations }) => annotations?.[nameAnnotations[0]] === tag)
    if (entry === undefined) return []
    return childrenOf(await manifest(entry))
  }
}

/** A blob that lies at `path`, compared with its descriptor whenever it is read from its start. */
export function storedBlob(
  files: StoredFiles,
  { path, content, name }: { path: string; content: Content; name: string },
): BlobSource {
  const stream = (start = 0): Readable =>
    start > 0
      ? files.stream(path, start)
      : Readable.from(checked(files.stream(path) as AsyncIterable<Uint8Array>, content, name), {
          highWaterMark: 1,
        })
  return {
    digest: content.digest,
    size: content.size,
    stream,
    read: async () => {
      const chunks: Uint8Array[] = []
      for await (const chunk of stream() as AsyncIterable<Uint8Array>) chunks.push(chunk)
      return Buffer.concat(chunks)
    },
  }
}

/** The tag under which others list referrers: the name of no image. */
const fallbackTag = /^sha(?:256|512)-[a-f0-9]{64}$/

/** The one entry that is meant: by name or digest, or the only one that has a name, or the only one. */
function choose<T extends Descriptor>(entries: readonly T[], reference: string | undefined, name: string): T {
  const named = entries.filter((entry) => namesOf(entry).some((each) => !fallbackTag.test(each)))
  const candidates =
    reference !== undefined
      ? entries.filter((entry) => entry.digest === reference || namesOf(entry).includes(reference))
      : entries.length > 1 && named.length > 0
        ? named
        : entries
  const digests = new Set(candidates.map(({ digest }) => digest))
  const [only] = candidates
  if (only !== undefined && digests.size === 1) return only
  throw notOne(name, reference, digests.size, named.flatMap(namesOf))
}

function namesOf({ annotations }: Descriptor): string[] {
  return nameAnnotations.flatMap((key) => annotations?.[key] ?? [])
}

/** Nothing, or more than one thing, is meant by `reference`; `names` are those there are. */
export function notOne(name: string, reference: string | undefined, count: number, names: readonly string[]) {
  const asked = reference === undefined ? '' : ` called "${reference.slice(0, 200)}"`
  const offered = names.length === 0 ? '' : ` It has: ${names.slice(0, 20).join(', ').slice(0, 1000)}.`
  return failureError(
    count === 0 ? 'not-found' : 'input-invalid',
    'input',
    count === 0
      ? `${name} has nothing${asked}.${offered}`
      : `${name} has ${count} images${asked}: name one.${offered}`,
    { next: ['check-name', 'choose-another-file'] },
  )
}

function missing(name: string, digest: string) {
  return failureError('not-found', 'input', `${name} lacks ${digest}, which it lists.`, {
    evidence: [{ fact: 'expected', value: digest }],
    next: ['choose-another-file'],
  })
}
