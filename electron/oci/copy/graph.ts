import { z } from 'zod'
import { failureError } from '../../../shared/model/local-failure.ts'
import { type Descriptor, descriptorSchema } from '../../../shared/model/manifest.ts'
import { isManifestType, mediaTypes } from '../../../shared/model/media-types.ts'
import type { StoredManifest } from '../manifests.ts'
import { jsonOf } from '../refusal.ts'
import type { Content, ContentSource, Role } from './content.ts'

/** What of one reference is walked before it is refused. */
export interface GraphLimits {
  /** Manifests below manifests. */
  depth: number
  manifests: number
  blobs: number
  /** Of all manifests together, which are held in memory. */
  bytes: number
}
const defaultLimits: GraphLimits = { depth: 8, manifests: 10_000, blobs: 100_000, bytes: 64 * 1024 * 1024 }

/** Manifests of an index that are asked for side by side. */
const atOnce = 6

/** A manifest, with the blobs it names itself. */
export interface GraphNode {
  manifest: StoredManifest
  role: Role['role']
  blobs: Content[]
  /** Whether it neither names other manifests nor refers to one: then the order it is put in matters to nobody. */
  isLeaf: boolean
}

/** Everything one reference leads to. */
export interface Graph {
  /** Children before their parents, referrers before the root, which is last. */
  nodes: GraphNode[]
  /** Layers that may not be distributed and are not at the source: they stay where they are. */
  elsewhere: Content[]
}

const contentSchema = descriptorSchema.extend({ urls: z.array(z.string()).optional() })

/** The one shape in which all manifests are read; what is not named here is carried along unread. */
const manifestSchema = z.object({
  mediaType: z.string().optional(),
  manifests: z.array(descriptorSchema).optional(),
  subject: z.unknown().optional(),
  config: contentSchema.optional(),
  layers: z.array(contentSchema).optional(),
  /** Of the artifact manifest that image-spec 1.1 dropped before its release. */
  blobs: z.array(contentSchema).optional(),
})

/**
 * Walks from `root` through indexes to blobs, each digest once, and with `referrers` on to what refers to any
 * manifest found. `subject` is not followed: what is referred to is not part of who refers. Throws a FailureError
 * where something is missing or a limit is passed.
 */
export async function walkGraph(
  source: ContentSource,
  root: StoredManifest,
  options: { referrers: boolean; signal?: AbortSignal | undefined; limits?: GraphLimits },
): Promise<Graph> {
  const limits = options.limits ?? defaultLimits
  const nodes: GraphNode[] = []
  const elsewhere: Content[] = []
  const seen = new Set<string>()
  const counted = { manifests: 0, blobs: 0, bytes: 0 }

  const count = (what: keyof typeof counted, more: number): void => {
    counted[what] += more
    check(what, counted[what])
  }
  const check = (what: keyof GraphLimits, reached: number): void => {
    if (reached > limits[what]) throw tooMuch(source.name, words[what], limits[what])
  }
  /** An index may name content that is no manifest, as build caches do: what the source has no manifest of is a blob. */
  const child = async (descriptor: Descriptor): Promise<StoredManifest | undefined> => {
    const found = await source.manifest(descriptor)
    if (found === undefined && isManifestType(descriptor.mediaType)) {
      throw incomplete(source.name, descriptor.digest)
    }
    return found
  }
  const keep = async (content: z.infer<typeof contentSchema>, blobs: Content[]): Promise<void> => {
    if (seen.has(content.digest)) return
    seen.add(content.digest)
    count('blobs', 1)
    if (mayStayAway(content) && !(await source.hasBlob(content))) elsewhere.push(content)
    else blobs.push(content)
  }
  const visit = async (manifest: StoredManifest, role: Role['role'], depth: number): Promise<void> => {
    options.signal?.throwIfAborted()
    check('depth', depth)
    seen.add(manifest.digest)
    count('manifests', 1)
    count('bytes', manifest.bytes.length)
    const parsed = manifestSchema.safeParse(jsonOf(manifest.bytes)).data
    if (parsed === undefined) throw unreadable(source.name, manifest.digest)
    const blobs: Content[] = []
    const named = [parsed.config ?? [], parsed.layers ?? [], parsed.blobs ?? []].flat()
    for (const content of named) await keep(content, blobs)
    const children = [...new Map(parsed.manifests?.map((each) => [each.digest, each])).values()]
    for (let at = 0; at < children.length; at += atOnce) {
      const batch = children.slice(at, at + atOnce).filter(({ digest }) => !seen.has(digest))
      const loaded = await Promise.all(batch.map(child))
      for (const [index, descriptor] of batch.entries()) {
        const found = loaded[index]
        // one of the batch may have led to another
        if (seen.has(descriptor.digest)) continue
        if (found === undefined) await keep(descriptor, blobs)
        else await visit(found, 'child', depth + 1)
      }
    }
    if (options.referrers) {
      for (const descriptor of await source.referrers(manifest.digest)) {
        if (seen.has(descriptor.digest)) continue
        const found = await source.manifest(descriptor)
        if (found === undefined) throw incomplete(source.name, descriptor.digest)
        await visit(found, 'referrer', depth + 1)
      }
    }
    nodes.push({
      manifest: { ...manifest, mediaType: typeOf(manifest, parsed) },
      role,
      blobs,
      isLeaf: parsed.manifests === undefined && parsed.subject === undefined,
    })
  }

  await visit(root, 'root', 0)
  return { nodes, elsewhere }
}

/** image-spec, layer.md "Non-Distributable Layers", and docker's foreign layers before them. */
function mayStayAway({ mediaType, urls = [] }: z.infer<typeof contentSchema>): boolean {
  return urls.length > 0 || /\.layer\.nondistributable\.|\.rootfs\.foreign\./.test(mediaType)
}

/**
 * The type a manifest is sent as: its own, which the Content-Type must repeat (image-spec, manifest.md), else the
 * one it was served or listed as, else what its shape says (Helm writes none).
 */
function typeOf(manifest: StoredManifest, parsed: z.infer<typeof manifestSchema>): string {
  if (parsed.mediaType !== undefined) return parsed.mediaType
  if (manifest.mediaType.startsWith('application/vnd.')) return manifest.mediaType
  return parsed.manifests === undefined ? mediaTypes.ociManifest : mediaTypes.ociIndex
}

function unreadable(name: string, digest: string) {
  return failureError('answer-invalid', 'manifest', `What ${name} keeps as ${digest} is no manifest.`, {
    evidence: [{ fact: 'actual', value: digest }],
    next: ['choose-another-tag', 'ask-registry-admin'],
  })
}

function incomplete(name: string, digest: string) {
  return failureError('not-found', 'manifest', `${name} lacks ${digest}, which it lists.`, {
    evidence: [{ fact: 'expected', value: digest }],
    next: ['ask-registry-admin', 'choose-another-tag'],
  })
}

const words: Readonly<Record<keyof GraphLimits, string>> = {
  depth: 'levels of manifests',
  manifests: 'manifests',
  blobs: 'blobs',
  bytes: 'bytes of manifests',
}

function tooMuch(name: string, what: string, limit: number) {
  return failureError('answer-invalid', 'manifest', `What ${name} keeps has more than ${limit} ${what}.`, {
    evidence: [{ fact: 'limit', value: String(limit) }],
    next: ['choose-another-tag'],
  })
}
