import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { z } from 'zod'
import { maxPublished, type Published, publishedSchema } from '../../shared/model/history.ts'
import { openDocument } from '../document.ts'
import type { Clock } from '../ports.ts'

/** What was published from here, newest first. */
export interface History {
  /** Keeps one more, dated now; resolves when it is on the disk. */
  add(published: Omit<Published, 'id' | 'at' | 'username' | 'demo'>): Promise<void>
  /** The newest `count` of them, and how many are kept. */
  newest(count: number): Promise<{ entries: Published[]; total: number }>
  clear(): Promise<{ cleared: number }>
  /** Resolves when all that was added is on the disk. */
  close(): Promise<void>
}

const documentSchema = z.object({ entries: z.array(publishedSchema) })

/**
 * Keeps the newest thousand in `directory`/published.json.
 *
 * @param identityOf who asks a registry of the list, by its id; the name alone
 */
export function createHistory(ports: {
  directory: string
  clock: Clock
  identityOf: (registryId: string) => Promise<Pick<Published, 'username' | 'demo'>>
}): History {
  const document = openDocument(join(ports.directory, 'published.json'), documentSchema, { entries: [] })
  let adding: Promise<unknown> = Promise.resolve()
  return {
    add: (published) => {
      const at = ports.clock.now()
      const added = (async () => {
        const identity = await ports.identityOf(published.registryId)
        const entry = { id: randomUUID(), at, ...published, ...identity }
        await document.change(({ entries }) => ({ entries: [entry, ...entries].slice(0, maxPublished) }))
      })()
      adding = Promise.allSettled([adding, added])
      return added
    },
    newest: async (count) => {
      await adding
      const { entries } = await document.read()
      return { entries: entries.slice(0, count), total: entries.length }
    },
    clear: async () => {
      await adding
      let cleared = 0
      await document.change(({ entries }) => {
        cleared = entries.length
        return { entries: [] }
      })
      return { cleared }
    },
    close: async () => {
      await adding
    },
  }
}
