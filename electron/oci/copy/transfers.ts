import { basename } from 'node:path'
import { stat } from 'node:fs/promises'
import type { CopyEvent, CopyInput, CopyResult } from '../../../shared/model/copy.ts'
import { failureError } from '../../../shared/model/local-failure.ts'
import { digestSchema, printReference, registryHost } from '../../../shared/model/reference.ts'
import type { UploadMode } from '../../../shared/model/upload.ts'
import { jobStream } from '../../job-stream.ts'
import type { Clock } from '../../ports.ts'
import type { RegistryClient } from '../client.ts'
import { folderTarget } from '../layout/folder-target.ts'
import { openLayout } from '../layout/open-layout.ts'
import { tarTarget } from '../layout/tar-target.ts'
import type { UploadMemory } from '../upload/memory.ts'
import { asCancelled, copyContent, type CopyJob } from './copy.ts'
import { registrySource, registryTarget } from './registry-content.ts'

/** From a saved registry to a layout of this machine. */
export interface ExportInput {
  from: CopyInput['from']
  /** A `.tar` file, or a folder. */
  path: string
  referrers: boolean
}

/** From a layout or a `docker save` archive of this machine to a saved registry. */
export interface ImportInput {
  path: string
  /** Which of several images there, by name or digest. */
  name?: string | undefined
  to: CopyInput['to']
  referrers: boolean
  mode: UploadMode
}

type Transfer = AsyncGenerator<CopyEvent, CopyResult>

/**
 * Content on its way between registries and files. Closing a generator or aborting its signal ends the requests
 * under way at once; what has arrived stays and is skipped the next time. Each throws a FailureError.
 */
export interface Transfers {
  copy(input: CopyInput, signal?: AbortSignal): Transfer
  /** For hosts that have files; a path never comes over the wire. */
  exportTo(input: ExportInput, signal?: AbortSignal): Transfer
  importFrom(input: ImportInput, signal?: AbortSignal): Transfer
  /** How many are under way. */
  running(): number
}

/**
 * `clientOf` knows the saved registries by id, `temporary` is where gzipped archives are unpacked to, and `closing`
 * aborts whatever is under way.
 */
export function createTransfers(ports: {
  clientOf: (registryId: string) => Promise<RegistryClient>
  memory: UploadMemory
  clock: Clock
  /** Bytes of a blob that are read into memory at most where the user chose `buffered`. */
  bufferBytes: () => Promise<number>
  temporary: string
  closing: AbortSignal
}): Transfers {
  const { clientOf, memory, clock, bufferBytes, temporary, closing } = ports
  let running = 0
  const start = (signal: AbortSignal | undefined, job: (handle: Handle) => Promise<CopyResult>): Transfer =>
    jobStream<CopyEvent, CopyResult>(
      AbortSignal.any([closing, ...(signal ? [signal] : [])]),
      async ({ emit, abort }) => {
        running += 1
        try {
          return await job({ abort, clock, onEvent: emit })
        } catch (error) {
          throw asCancelled(error, abort.signal)
        } finally {
          running -= 1
        }
      },
    )

  return {
    copy: ({ from, to, referrers, mode }, signal) =>
      start(signal, async (handle) => {
        const { abort } = handle
        const [source, target] = [await clientOf(from.id), await clientOf(to.id)]
        const as = to.tag ?? tagIn(from.reference)
        const sameRegistry = new URL(source.url).origin === new URL(target.url).origin
        const counts = await copyContent({
          ...handle,
          source: registrySource({ client: source, repository: from.repository, signal: abort.signal }),
          target: registryTarget(
            { client: target, repository: to.repository, signal: abort.signal },
            {
              mode,
              memory,
              bufferBytes: await bufferBytes(),
              ...(sameRegistry && from.repository !== to.repository ? { mountFrom: from.repository } : {}),
            },
          ),
          reference: from.reference,
          as,
          referrers,
        })
        return { reference: printed(target, to.repository, as, counts.digest), ...counts }
      }),
    exportTo: ({ from, path, referrers }, signal) =>
      start(signal, async (handle) => {
        const client = await clientOf(from.id)
        const tag = tagIn(from.reference)
        const imageName = tag === undefined ? {} : { imageName: printed(client, from.repository, tag, '') }
        const target = (await isTar(path)) ? tarTarget(path, imageName) : await folderTarget(path, imageName)
        const { signal } = handle.abort
        try {
          const counts = await copyContent({
            ...handle,
            source: registrySource({ client, repository: from.repository, signal }),
            target,
            reference: from.reference,
            as: tag,
            referrers,
          })
          await target.finish()
          return { reference: basename(path), ...counts }
        } catch (error) {
          await target.abandon()
          throw error
        }
      }),
    importFrom: ({ path, name, to, referrers, mode }, signal) =>
      start(signal, async (handle) => {
        const { signal } = handle.abort
        const client = await clientOf(to.id)
        const opened = await openLayout(path, { temporary, signal })
        try {
          const counts = await copyContent({
            ...handle,
            source: opened.source,
            target: registryTarget(
              { client, repository: to.repository, signal },
              { mode, memory, bufferBytes: await bufferBytes() },
            ),
            reference: name,
            as: to.tag,
            referrers,
          })
          return { reference: printed(client, to.repository, to.tag, counts.digest), ...counts }
        } finally {
          await opened.close()
        }
      }),
    running: () => running,
  }
}

type Handle = Pick<CopyJob, 'abort' | 'clock' | 'onEvent'>

function tagIn(reference: string): string | undefined {
  return digestSchema.safeParse(reference).success ? undefined : reference
}

function printed(
  client: RegistryClient,
  repository: string,
  tag: string | undefined,
  digest: string,
): string {
  const registry = registryHost(client.url)
  return printReference({ registry, repository, ...(tag !== undefined ? { tag } : { digest }) })
}

/** A path that ends in .tar is a file, unless it is a folder already; any other is a folder. */
async function isTar(path: string): Promise<boolean> {
  if (/\.(?:tgz|tar\.\w+)$/i.test(path)) {
    throw failureError(
      'input-invalid',
      'input',
      'An export is a folder or a .tar, which is not compressed.',
      {
        next: ['choose-another-file'],
      },
    )
  }
  if (!path.toLowerCase().endsWith('.tar')) return false
  const found = await stat(path).catch(() => undefined)
  return found?.isDirectory() !== true
}
