import { tmpdir } from 'node:os'
import type { CopyResult } from '../../shared/model/copy.ts'
import type { UploadMode } from '../../shared/model/upload.ts'
import { createRegistryClient, type RegistryClient } from '../../electron/oci/client.ts'
import type { ContentSource, ContentTarget } from '../../electron/oci/copy/content.ts'
import { copyContent } from '../../electron/oci/copy/copy.ts'
import { registrySource, registryTarget } from '../../electron/oci/copy/registry-content.ts'
import { folderTarget } from '../../electron/oci/layout/folder-target.ts'
import { openLayout } from '../../electron/oci/layout/open-layout.ts'
import { createTransport } from '../../electron/oci/transport.ts'

/** Where our library reads and writes in a registry. */
export interface OurPlace {
  /** The registry's address. */
  url: string
  repository: string
  tag: string
}

type Counts = Omit<CopyResult, 'reference'>

/** A client of ours that nobody watches. */
export function ourClient(url: string): RegistryClient {
  const transport = createTransport({ record: () => undefined, clock: Date })
  return createRegistryClient({ transport, url, credential: undefined })
}

export async function ourTags(url: string, repository: string): Promise<string[]> {
  const names: string[] = []
  for await (const page of ourClient(url).tags(repository)) names.push(...page.names)
  return names
}

/** From an image layout to a registry, in one upload mode. */
export async function ourPush(
  directory: string,
  to: OurPlace,
  mode: UploadMode,
  options: { referrers?: boolean; bufferBytes?: number } = {},
): Promise<Counts> {
  const { source, close } = await openLayout(directory, { temporary: tmpdir() })
  try {
    return await copy(source, targetAt(to, mode, options.bufferBytes), to.tag, to.tag, options.referrers)
  } finally {
    await close()
  }
}

/** From a registry to a new image layout. */
export async function ourPull(
  from: OurPlace,
  directory: string,
  options: { referrers?: boolean } = {},
): Promise<Counts> {
  const target = await folderTarget(directory)
  const counts = await copy(sourceAt(from), target, from.tag, from.tag, options.referrers)
  await target.finish()
  return counts
}

/** From one registry to another, in `auto`. */
export function ourCopy(
  from: OurPlace,
  to: OurPlace,
  options: { referrers?: boolean } = {},
): Promise<Counts> {
  return copy(sourceAt(from), targetAt(to, 'auto'), from.tag, to.tag, options.referrers)
}

function sourceAt({ url, repository }: OurPlace): ContentSource {
  return registrySource({ client: ourClient(url), repository })
}

function targetAt({ url, repository }: OurPlace, mode: UploadMode, bufferBytes?: number): ContentTarget {
  const options = { mode, ...(bufferBytes !== undefined ? { bufferBytes } : {}) }
  return registryTarget({ client: ourClient(url), repository }, options)
}

function copy(
  source: ContentSource,
  target: ContentTarget,
  reference: string,
  as: string,
  referrers = false,
): Promise<Counts> {
  const abort = new AbortController()
  return copyContent({
    source,
    target,
    reference,
    as,
    referrers,
    clock: Date,
    abort,
    onEvent: () => undefined,
  })
}
