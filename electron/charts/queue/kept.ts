import { createReadStream } from 'node:fs'
import { copyFile, link, mkdir, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { failureSchema } from '../../../shared/model/failure.ts'
import { queueLimits, queueTargetSchema } from '../../../shared/model/queue.ts'
import { type Document, openDocument } from '../../document.ts'
import { savedUploadSchema } from '../../oci/upload/saved-upload.ts'
import type { StoredChart } from '../intake.ts'

/** An unfinished item as a later run of the app finds it. */
export const keptItemSchema = z.object({
  id: z.uuid(),
  fileName: z.string().max(255),
  /** The .prov beside it, by its name. */
  provenance: z.string().max(260).optional(),
  /** When the file was changed where it came from, milliseconds since 1970. */
  modified: z.number().optional(),
  addedAt: z.number(),
  status: z.enum(['ready', 'interrupted', 'failed', 'cancelled']),
  target: queueTargetSchema.optional(),
  failure: failureSchema.optional(),
  saved: savedUploadSchema.optional(),
})
export type KeptItem = z.infer<typeof keptItemSchema>

const documentSchema = z.object({ items: z.array(keptItemSchema).max(queueLimits.items) })
type Kept = z.infer<typeof documentSchema>

/** The unfinished items of the queue and their files, in the profile. */
export interface KeptQueue {
  /** What earlier runs left; files that no item names are removed. */
  open(): Promise<KeptItem[]>
  /** Keeps the bytes of an item's chart; nothing is copied where the disk can name a file twice. */
  hold(id: string, stored: StoredChart): Promise<void>
  /** The bytes that were kept; a stream fails where its file is gone. */
  read(id: string, name: 'chart' | 'provenance'): AsyncIterable<Uint8Array>
  release(id: string): Promise<void>
  /** Writes what `items` says when its turn comes: many changes in a row are written once. */
  save(items: () => KeptItem[]): void
  /** Resolves when all is written. */
  close(): Promise<void>
}

/**
 * Keeps them in `queue/` of the profile at `directory`. Each running process has a directory of its own in it, so
 * that two apps on one profile do not touch each other's; the directory of one that is gone is taken over.
 *
 * @param onTrouble hears why something was not kept: the queue goes on in memory
 */
export function createKeptQueue(ports: {
  directory: string
  onTrouble: (error: unknown) => void
}): KeptQueue {
  const room = join(ports.directory, 'queue')
  const own = join(room, String(process.pid))
  const document = documentIn(own)
  let saving: Promise<unknown> | undefined

  const directoryOf = (id: string): string => join(own, z.uuid().parse(id))
  const pathOf = (id: string, name: 'chart' | 'provenance'): string => join(directoryOf(id), name)

  const open = async (): Promise<KeptItem[]> => {
    await mkdir(own, { recursive: true, mode: 0o700 })
    const { items } = await document.read()
    for (const left of await takeOver(room)) {
      const theirs = await documentIn(left).read()
      for (const item of theirs.items) {
        const moved = await rename(join(left, item.id), directoryOf(item.id)).catch(() => 'gone' as const)
        if (moved !== 'gone') items.push(item)
      }
      await rm(left, { recursive: true, force: true })
    }
    const kept = items.toSorted((a, b) => a.addedAt - b.addedAt).slice(-queueLimits.items)
    await document.change(() => ({ items: kept }))
    await removeUnnamed(own, new Set(kept.map(({ id }) => id)))
    return kept
  }

  return {
    open: () =>
      open().catch((error: unknown) => {
        ports.onTrouble(error)
        return []
      }),
    hold: async (id, { path, provenancePath }) => {
      try {
        await rm(directoryOf(id), { recursive: true, force: true })
        await mkdir(directoryOf(id), { recursive: true, mode: 0o700 })
        await nameTwice(path, pathOf(id, 'chart'))
        if (provenancePath !== undefined) await nameTwice(provenancePath, pathOf(id, 'provenance'))
      } catch (error) {
        ports.onTrouble(error)
      }
    },
    read: (id, name) => createReadStream(pathOf(id, name)),
    release: (id) => rm(directoryOf(id), { recursive: true, force: true }).catch(ports.onTrouble),
    save: (items) => {
      saving ??= document
        .change(() => {
          saving = undefined
          return { items: items().slice(-queueLimits.items) }
        })
        .catch((error: unknown) => {
          saving = undefined
          ports.onTrouble(error)
        })
    },
    close: async () => {
      await saving
      // changes queue up: this one is behind all others
      await document.read().catch(ports.onTrouble)
    },
  }
}

function documentIn(directory: string): Document<Kept> {
  return openDocument(join(directory, 'queue.json'), documentSchema, { items: [] })
}

/** The directories of processes that are gone, renamed first: two that start at once do not take the same one. */
async function takeOver(room: string): Promise<string[]> {
  const taken: string[] = []
  for (const name of await readdir(room)) {
    const pid = Number.parseInt(name, 10)
    if (name === String(process.pid) || isRunning(pid)) continue
    const mine = join(room, `${process.pid}.${name}`)
    const moved = await rename(join(room, name), mine).then(
      () => true,
      () => false,
    )
    if (moved) taken.push(mine)
  }
  return taken
}

async function removeUnnamed(own: string, named: ReadonlySet<string>): Promise<void> {
  for (const entry of await readdir(own, { withFileTypes: true })) {
    if (entry.isDirectory() && !named.has(entry.name)) {
      await rm(join(own, entry.name), { recursive: true, force: true })
    }
  }
}

/** A second name for the same bytes, or a copy where the file system has no such names. Both are the user's alone. */
async function nameTwice(from: string, to: string): Promise<void> {
  await link(from, to).catch(() => copyFile(from, to))
}

/** Whether a process of another app may be at work; its own number is that of a run that ended. */
function isRunning(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0 || pid === process.pid) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
