import { digestOf } from '../../../electron/oci/digest.ts'
import type { AgentIdentity } from '../../../shared/model/mirror.ts'
import { mediaTypes } from '../../../shared/model/media-types.ts'
import { type Asked, type FakeHost, ociError, type Said, startFakeHost } from '../../fakes/mirror.ts'

/** Something a registry or a node can hold. */
export interface Piece {
  mediaType: string
  digest: string
  bytes: Buffer
}

export const tag = '1.0'
export const repository = 'lab/one'

/** A layer of so many bytes. */
export function layer(size: number): Piece {
  return piece('application/vnd.oci.image.layer.v1.tar+gzip', Buffer.alloc(size, String(size)))
}

export const config = piece(mediaTypes.imageConfig, Buffer.from('{"os":"linux"}'))

export function manifest(layers: readonly Piece[]): Piece {
  return json(mediaTypes.ociManifest, { config: descriptor(config), layers: layers.map(descriptor) })
}

export function index(platforms: Readonly<Record<string, Piece>>): Piece {
  const manifests = Object.entries(platforms).map(([platform, each]) => {
    const [os, architecture] = platform.split('/')
    return { ...descriptor(each), platform: { os, architecture } }
  })
  return json(mediaTypes.ociIndex, { manifests })
}

/** What a node or a registry holds; `tagged` is what the tag means there. */
export interface Store {
  tagged?: Piece
  pieces: readonly Piece[]
}

/** A mirror as Spegel's: local content alone, `ns` demanded, 404 for the rest. */
export function startMirror(store: Store): Promise<FakeHost> {
  return startFakeHost((asked) => {
    if (asked.query.get('ns') === null) return { status: 404 }
    return held(store, asked) ?? ociError(404, 'MANIFEST_UNKNOWN', 'could not get it')
  })
}

/** A registry that holds it all. */
export function startRegistry(store: Store): Promise<FakeHost> {
  return startFakeHost((asked) => held(store, asked) ?? ociError(404, 'MANIFEST_UNKNOWN', 'manifest unknown'))
}

/** A node's identity, with its mirror's address where there is one. */
export function node(name: string, mirror?: { url: string }): AgentIdentity {
  return {
    source: 'lab',
    id: name,
    name,
    address: `${name}:9090`,
    ...(mirror !== undefined ? { mirrorUrl: mirror.url } : {}),
    demo: false,
  }
}

function held({ tagged, pieces }: Store, { path }: Asked): Said | undefined {
  const [, kind, wanted] = new RegExp(`^/v2/${repository}/(manifests|blobs)/(.+)$`).exec(path) ?? []
  const digest = wanted === tag ? tagged?.digest : wanted
  const found = pieces.find((each) => each.digest === digest)
  // a manifest path never finds a layer, nor a blob path a manifest (Spegel 0.6 and later)
  const isManifest =
    found?.mediaType.includes('manifest') === true || found?.mediaType.includes('index') === true
  if (found === undefined || isManifest !== (kind === 'manifests')) return undefined
  return {
    status: 200,
    headers: { 'content-type': found.mediaType, 'docker-content-digest': found.digest },
    body: found.bytes,
  }
}

function json(mediaType: string, value: object): Piece {
  return piece(mediaType, Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, ...value })))
}

function piece(mediaType: string, bytes: Buffer): Piece {
  return { mediaType, bytes, digest: digestOf(bytes) }
}

function descriptor({ mediaType, digest, bytes }: Piece) {
  return { mediaType, digest, size: bytes.length }
}
