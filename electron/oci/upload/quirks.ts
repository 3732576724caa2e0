import type { Strategy } from '../../../shared/model/upload.ts'

const mebibyte = 1024 * 1024

/** What is known of a registry's uploads before it was ever asked. */
export interface Quirk {
  /** Bytes of a chunk that it takes. */
  chunkBytes: number
  /** The shape `auto` begins with for blobs that are not read into memory. */
  first: Strategy
}

/** 8 MiB lies between what ECR asks for at least (5 MiB) and takes at most (10 MiB). */
const usual: Quirk = { chunkBytes: 8 * mebibyte, first: 'streamed-put' }

/** Registries by host name, from shared/notes/oci-registries.md 2.3, 2.4 and 6. The first row that holds decides. */
const rows: ReadonlyArray<{ host: RegExp; because: string } & Partial<Quirk>> = [
  {
    host: /^ghcr\.io$/,
    because: '416 to a chunk of more than 4 MiB (oras-project/rust-oci-client issue 35)',
    chunkBytes: 3 * mebibyte,
  },
  {
    host: /\.azurecr\.(?:io|cn|us)$/,
    because:
      'chunks of 4 MB are what the Azure SDK sends; a larger PUT was answered 413 (goharbor/harbor PR 23016)',
    chunkBytes: 3 * mebibyte,
  },
  {
    host: /^(?:.+\.)?docker\.io$/,
    because: '400 to a large PUT, while one streamed PATCH passes (docker/hub-feedback issue 2497)',
    first: 'streamed-patch',
  },
]

/** What is known of the registry at `url`. */
export function quirkOf(url: string): Quirk {
  const { hostname } = new URL(url)
  const { chunkBytes, first } = rows.find(({ host }) => host.test(hostname)) ?? {}
  return { chunkBytes: chunkBytes ?? usual.chunkBytes, first: first ?? usual.first }
}
