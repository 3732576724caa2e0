import { join } from 'node:path'
import { z } from 'zod'
import { type Learned, learnedSchema, type Route, routeSchema } from '../../../shared/model/upload.ts'
import { openDocument } from '../../document.ts'
import type { Clock } from '../../ports.ts'

/** Networks get mended: what was refused this many milliseconds ago is tried again (30 days). */
const lifetime = 30 * 24 * 60 * 60 * 1000
/** Addresses that are kept; the oldest go first. */
const maxEntries = 500

const documentSchema = z.object({
  entries: z.array(learnedSchema.extend({ address: z.string(), route: routeSchema })),
})

/** What `auto` learned of registries, by their address (`https://host[:port]`) and the route to it. */
export interface UploadMemory {
  recall(address: string, route?: Route): Promise<Learned | undefined>
  /** Takes the place of what was known of this address and route. */
  learn(address: string, learned: Omit<Learned, 'at'>, route?: Route): Promise<void>
  /** Forgets one route, or all of them. Resolves to whether there was anything to forget. */
  forget(address: string, route?: Route): Promise<boolean>
}

/** Keeps it in `directory`/uploads.json. */
export function createUploadMemory(ports: { directory: string; clock: Clock }): UploadMemory {
  const { clock } = ports
  const document = openDocument(join(ports.directory, 'uploads.json'), documentSchema, { entries: [] })
  const isFresh = ({ at }: { at: number }) => clock.now() - at < lifetime
  return {
    recall: async (url, route = 'direct') => {
      const { origin } = new URL(url)
      const { entries } = await document.read()
      const found = entries.find((entry) => entry.address === origin && entry.route === route)
      return found !== undefined && isFresh(found) ? learnedSchema.parse(found) : undefined
    },
    learn: async (url, learned, route = 'direct') => {
      const { origin } = new URL(url)
      const entry = { address: origin, route, at: clock.now(), ...learned }
      await document.change(({ entries }) => ({
        entries: [
          entry,
          ...entries.filter((other) => other.address !== origin || other.route !== route).filter(isFresh),
        ].slice(0, maxEntries),
      }))
    },
    forget: async (url, route) => {
      const { origin } = new URL(url)
      const goes = (entry: { address: string; route: Route }) =>
        entry.address === origin && (route === undefined || entry.route === route)
      const { entries } = await document.read()
      if (!entries.some(goes)) return false
      await document.change((now) => ({ entries: now.entries.filter((entry) => !goes(entry)) }))
      return true
    },
  }
}
