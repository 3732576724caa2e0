import { createHash } from 'node:crypto'
import type { Failure } from '../../shared/model/failure.ts'
import { localFailure } from '../../shared/model/local-failure.ts'
import {
  type Descriptor,
  type ImageIndex,
  imageIndexSchema,
  type ImageManifest,
  imageManifestSchema,
} from '../../shared/model/manifest.ts'

export type Content = { type: 'index'; index: ImageIndex } | { type: 'manifest'; manifest: ImageManifest }

/** The digest of bytes in the algorithm of `like`, sha256 if there is none. */
export function digestOf(bytes: Uint8Array, like = 'sha256:'): string {
  const algorithm = like.startsWith('sha512:') ? 'sha512' : 'sha256'
  return `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`
}

/**
 * What is wrong with a manifest that was asked for by `digest`; undefined if it holds. Inside an index only
 * a manifest will do.
 */
export function faultOf(bytes: Uint8Array, digest: string, insideIndex: boolean): Failure | undefined {
  const actual = digestOf(bytes, digest)
  if (actual !== digest) {
    return localFailure('digest-mismatch', 'pull', 'The manifest has other content than its digest says.', {
      evidence: [
        { fact: 'expected', value: digest },
        { fact: 'actual', value: actual },
      ],
      next: ['ask-registry-admin'],
    })
  }
  const content = readContent(bytes)
  if (content !== undefined && !(insideIndex && content.type === 'index')) return undefined
  return localFailure(
    'answer-invalid',
    'pull',
    insideIndex ? 'This is no image manifest.' : 'This is neither an image manifest nor an index.',
    {
      next: ['choose-another-tag'],
    },
  )
}

/** Reads a manifest or an index, told apart by what is in them, as containerd does since media types lie. */
export function readContent(bytes: Uint8Array): Content | undefined {
  let value: unknown
  try {
    value = JSON.parse(Buffer.from(bytes).toString('utf8'))
  } catch {
    return undefined
  }
  const index = imageIndexSchema.safeParse(value)
  if (index.success) return { type: 'index', index: index.data }
  const manifest = imageManifestSchema.safeParse(value)
  return manifest.success ? { type: 'manifest', manifest: manifest.data } : undefined
}

/**
 * The manifest of an index for `platform`, written os/architecture[/variant]. Without a variant asked for,
 * one without a variant is taken first; arm64 and arm64/v8 are the same (containerd/platforms, Normalize).
 * A manifest that names no platform is taken only if none does.
 */
export function manifestFor(index: ImageIndex, platform: string): Descriptor | undefined {
  const [os = '', architecture = '', variant = ''] = platform.split('/')
  const wanted = normalized(architecture, variant)
  const fitting = index.manifests.filter(
    (each) =>
      each.platform?.os === os &&
      each.platform.architecture === architecture &&
      (wanted === '' || normalized(architecture, each.platform.variant) === wanted),
  )
  const plain = fitting.find((each) => normalized(architecture, each.platform?.variant) === '')
  if (index.manifests.every((each) => each.platform === undefined)) return index.manifests[0]
  return plain ?? fitting[0]
}

/** The platforms of an index, for a message; attestations (unknown/unknown) are none. */
export function platformsOf(index: ImageIndex): string[] {
  return index.manifests.flatMap(({ platform }) =>
    platform === undefined || platform.os === 'unknown'
      ? []
      : [[platform.os, platform.architecture, platform.variant].filter(Boolean).join('/')],
  )
}

function normalized(architecture: string, variant = ''): string {
  return architecture === 'arm64' && variant === 'v8' ? '' : variant
}
