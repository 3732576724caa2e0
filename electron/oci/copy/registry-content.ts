import { Readable } from 'node:stream'
import { FailureError } from '../../../shared/model/failure.ts'
import type { UploadMode } from '../../../shared/model/upload.ts'
import type { RegistryClient } from '../client.ts'
import type { BlobSource } from '../upload/blob-source.ts'
import type { UploadMemory } from '../upload/memory.ts'
import { uploadBlob } from '../upload/upload.ts'
import type { Content, ContentSource, ContentTarget } from './content.ts'

/** Blobs that travel at the same time: of the 8 requests a registry gets at once, some are left for screens. */
const parallel = 6
/** The same where each is whole in memory, or is read from the registry it goes to, which takes two requests. */
const parallelFew = 3
/** Bytes of a blob that `auto` may hold in memory here: configs. Layers are streamed, several at a time. */
const heldBytes = 1024 * 1024

export interface RegistryPlace {
  client: RegistryClient
  repository: string
  signal?: AbortSignal | undefined
}

/** A repository as the source of a copy: `resolve` takes a tag or a digest. */
export function registrySource({ client, repository, signal }: RegistryPlace): ContentSource {
  return {
    name: new URL(client.url).host,
    resolve: (reference = 'latest') => client.getManifest(repository, reference, { signal }),
    manifest: async ({ digest }) => {
      try {
        return await client.getManifest(repository, digest, { signal })
      } catch (error) {
        if (error instanceof FailureError && error.failure.kind === 'not-found') return undefined
        throw error
      }
    },
    hasBlob: async ({ digest }) => (await client.headBlob(repository, digest, { signal })) !== undefined,
    blob: (content) => remoteBlob({ client, repository, signal }, content),
    referrers: async (digest) => (await client.referrers(repository, digest, { signal })).descriptors,
  }
}

/**
 * A repository as the target of a copy. `mountFrom` is a repository of the same registry that has the blobs; what
 * `auto` learns of the registry's address goes to `memory`. `bufferBytes` is what the user lets `buffered` hold.
 */
export function registryTarget(
  { client, repository, signal }: RegistryPlace,
  options: { mode: UploadMode; memory?: UploadMemory; mountFrom?: string; bufferBytes?: number },
): ContentTarget {
  const { mode, memory, mountFrom } = options
  const bufferBytes = mode === 'auto' ? heldBytes : options.bufferBytes
  return {
    name: new URL(client.url).host,
    parallel: mode === 'buffered' || mountFrom !== undefined ? parallelFew : parallel,
    hasManifest: async (digest, { reference }) => {
      const head = await client.headManifest(repository, reference ?? digest, { signal, push: true })
      // by its digest nothing else can be there; a registry need not repeat it
      return head !== undefined && (reference === undefined || head.digest === digest)
    },
    putBlob: async (blob, onSent) => {
      const { existed, mounted } = await uploadBlob({
        transport: client.transport,
        url: client.url,
        repository,
        signal,
        blob,
        mode,
        route: client.route,
        ...(memory !== undefined ? { memory } : {}),
        ...(mountFrom !== undefined ? { mountFrom } : {}),
        ...(bufferBytes !== undefined ? { limits: { bufferBytes } } : {}),
        onEvent: (event) => {
          if (event.type === 'sent') onSent(event.bytes)
        },
      })
      return existed ? 'skipped' : mounted ? 'mounted' : 'copied'
    },
    putManifest: async (manifest, { reference }) => {
      await client.putManifest(repository, reference ?? manifest.digest, manifest, { signal })
    },
  }
}

/** A blob that is read from a registry each time it is sent. */
function remoteBlob({ client, repository, signal }: RegistryPlace, content: Content): BlobSource {
  const { digest, size } = content
  const read = async function* (start: number): AsyncGenerator<Uint8Array> {
    const { stream } = await client.openBlob(repository, digest, { size, signal })
    // the whole blob is read, for its digest is checked as it passes; what was sent already is left out
    let skip = start
    for await (const chunk of stream as AsyncIterable<Uint8Array>) {
      if (chunk.length > skip) yield chunk.subarray(skip)
      skip = Math.max(0, skip - chunk.length)
    }
  }
  const stream = (start = 0): Readable => Readable.from(read(start), { highWaterMark: 1 })
  return {
    digest,
    size,
    stream,
    read: async () => {
      const chunks: Uint8Array[] = []
      for await (const chunk of stream() as AsyncIterable<Uint8Array>) chunks.push(chunk)
      return Buffer.concat(chunks)
    },
  }
}
