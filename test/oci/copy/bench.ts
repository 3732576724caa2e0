import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { putManifest } from '../../../electron/demo/manifests.ts'
import { type EmbeddedRegistry, startEmbeddedRegistry } from '../../../electron/demo/registry.ts'
import { createRegistryClient, type RegistryClient } from '../../../electron/oci/client.ts'
import { createTransfers, type Transfers } from '../../../electron/oci/copy/transfers.ts'
import { createTransport } from '../../../electron/oci/transport.ts'
import { createUploadMemory } from '../../../electron/oci/upload/memory.ts'
import type { CopyEvent, CopyResult } from '../../../shared/model/copy.ts'
import { mediaTypes } from '../../../shared/model/media-types.ts'

export const layerType = 'application/vnd.oci.image.layer.v1.tar+gzip'

export function sha256(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`
}

export interface Descriptor {
  mediaType: string
  digest: string
  size: number
}

/** Content of a repository of an embedded registry, put there without the wire between. */
export function fill({ store }: EmbeddedRegistry, repository: string) {
  const blob = (mediaType: string, content: string | Uint8Array): Descriptor => {
    const bytes = Buffer.from(content)
    store.addBlob(repository, sha256(bytes), bytes)
    return { mediaType, digest: sha256(bytes), size: bytes.length }
  }
  const manifest = (mediaType: string, content: object, tag?: string): Descriptor => {
    const bytes = Buffer.from(JSON.stringify(content))
    putManifest(store, repository, tag ?? sha256(bytes), mediaType, bytes)
    return { mediaType, digest: sha256(bytes), size: bytes.length }
  }
  const image = (name: string, more: { tag?: string; subject?: Descriptor; layers?: object[] } = {}) =>
    manifest(
      mediaTypes.ociManifest,
      {
        schemaVersion: 2,
        mediaType: mediaTypes.ociManifest,
        config: blob(mediaTypes.imageConfig, JSON.stringify({ name })),
        layers: more.layers ?? [blob(layerType, `layer of ${name}`)],
        ...(more.subject !== undefined ? { subject: more.subject } : {}),
      },
      more.tag,
    )
  const index = (manifests: object[], tag?: string) =>
    manifest(mediaTypes.ociIndex, { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests }, tag)
  return { blob, manifest, image, index }
}

export interface Bench {
  directory: string
  transfers: Transfers
  /** `POST http://…/v2/…`, as they ended. */
  requests: string[]
  client(id: string): RegistryClient
  /** Knows the registry at `url` by `id`. */
  know(id: string, url: string): RegistryClient
  /** An embedded registry known by `id`. */
  start(id: string): Promise<EmbeddedRegistry>
  close(): Promise<void>
}

/** Registries and a folder for one suite. */
export async function createBench(): Promise<Bench> {
  const directory = await mkdtemp(join(tmpdir(), 'chartroom-copy-'))
  const requests: string[] = []
  const transport = createTransport({
    clock: Date,
    record: ({ method, url }) => void requests.push(`${method} ${url}`),
  })
  const clients = new Map<string, RegistryClient>()
  const started: EmbeddedRegistry[] = []
  const client = (id: string): RegistryClient => {
    const found = clients.get(id)
    if (found === undefined) throw new Error(`there is no registry ${id}`)
    return found
  }
  const know = (id: string, url: string): RegistryClient => {
    const made = createRegistryClient({ transport, url, credential: undefined })
    clients.set(id, made)
    return made
  }
  return {
    directory,
    requests,
    client,
    know,
    transfers: createTransfers({
      clientOf: async (id) => client(id),
      memory: createUploadMemory({ directory, clock: Date }),
      clock: Date,
      bufferBytes: async () => 1024 * 1024,
      temporary: join(directory, 'temporary'),
      closing: new AbortController().signal,
    }),
    start: async (id) => {
      const registry = await startEmbeddedRegistry()
      started.push(registry)
      know(id, registry.url)
      return registry
    },
    close: async () => {
      await transport.close()
      for (const registry of started) await registry.stop()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

/** Reads a transfer to its end. */
export async function finished(
  transfer: AsyncGenerator<CopyEvent, CopyResult>,
): Promise<{ events: CopyEvent[]; result: CopyResult }> {
  const events: CopyEvent[] = []
  let step = await transfer.next()
  for (; step.done !== true; step = await transfer.next()) events.push(step.value)
  return { events, result: step.value }
}
