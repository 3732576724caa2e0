import { randomUUID } from 'node:crypto'
import { chmod, mkdir, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { digestSchema } from '../../../shared/model/reference.ts'
import type { Clock } from '../../ports.ts'
import { digestOf } from '../digest.ts'
import { ifGone, type Kept, listKept, listLeftovers } from './kept-files.ts'

/** Milliseconds after which a file that is still being written belongs to a process that is gone. */
const leftoverAge = 60 * 60 * 1000
/** An entry takes an eighth of the bound at most; a prune leaves an eighth free; one is due after a sixteenth. */
const largestShare = 1 / 8
const keptShare = 7 / 8
const pruneShare = 1 / 16

/** Content by digest that need not be asked for twice. It never fails: what cannot be kept is fetched anew. */
export interface ContentCache {
  /** The bytes of this digest, checked against it; undefined where they are not kept. */
  get(digest: string): Promise<Uint8Array | undefined>
  /** Keeps bytes that have this digest. */
  put(digest: string, bytes: Uint8Array): Promise<void>
}

/**
 * A cache in `directory`, one file a digest, readable by the user alone. `maxBytes` bounds all of them together; what
 * was used longest ago goes first; 0 keeps nothing. Any number of instances may share the directory: files appear by
 * rename, none is trusted unread, and one that vanished was pruned by another. What a crash left behind is either no
 * entry or one that its digest gives away, which is removed.
 */
export function createContentCache(ports: {
  directory: string
  /** Asked anew at every use: it is a setting. */
  maxBytes: () => Promise<number>
  clock: Clock
}): ContentCache {
  const { directory, maxBytes, clock } = ports
  /** Bytes written here since the files were last counted; another instance's are counted then. */
  let written = 0
  /** The bound the files were last brought under. */
  let bound = Number.POSITIVE_INFINITY
  let ready: Promise<void> | undefined
  let pruning: Promise<void> = Promise.resolve()

  const prune = (limit: number): Promise<void> => {
    written = 0
    pruning = pruning.catch(() => undefined).then(() => pruneTo(directory, limit))
    return pruning
  }
  /** The bound as it stands, with everything brought under it at the first write and when it was lowered. */
  const currentBound = async (): Promise<number> => {
    const limit = await maxBytes()
    await (ready ??= tidy(directory, clock))
    const lowered = limit < bound
    bound = limit
    if (lowered) await prune(limit)
    return limit
  }

  return {
    get: (digest) =>
      unlessBroken(async () => {
        const path = pathOf(directory, digest)
        if (path === undefined || (await maxBytes()) === 0) return undefined
        const bytes = await readFile(path)
        if (digestOf(bytes, digest) !== digest) {
          await rm(path, { force: true })
          return undefined
        }
        await touch(path, clock)
        return bytes
      }),
    put: async (digest, bytes) => {
      await unlessBroken(async () => {
        const path = pathOf(directory, digest)
        const limit = await currentBound()
        if (path === undefined || bytes.length > limit * largestShare) return
        if (digestOf(bytes, digest) !== digest) return
        await writeWhole(directory, path, bytes)
        await touch(path, clock)
        written += bytes.length
        if (written > limit * pruneShare) await prune(limit)
      })
    },
  }
}

/** A full disk, a read-only profile, a file another instance removed: the registry is asked instead. */
async function unlessBroken<T>(job: () => Promise<T>): Promise<T | undefined> {
  try {
    return await job()
  } catch {
    return undefined
  }
}

/** `<directory>/sha256/<first two digits>/<all digits>`; undefined for what is no digest, so no name leads outside. */
function pathOf(directory: string, digest: string): string | undefined {
  if (!digestSchema.safeParse(digest).success) return undefined
  const [algorithm = '', encoded = ''] = digest.split(':')
  return join(directory, algorithm, encoded.slice(0, 2), encoded)
}

async function writeWhole(directory: string, path: string, bytes: Uint8Array): Promise<void> {
  const beside = join(directory, `${randomUUID()}.new`)
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    await writeFile(beside, bytes, { mode: 0o600, flag: 'wx' })
    await rename(beside, path)
  } catch (error) {
    await rm(beside, { force: true })
    throw error
  }
}

/** The time of a file is when it was last used. */
async function touch(path: string, clock: Clock): Promise<void> {
  const seconds = clock.now() / 1000
  await utimes(path, seconds, seconds)
}

/** Shuts out others where the directory is there already, and removes what a crash left unfinished. */
async function tidy(directory: string, clock: Clock): Promise<void> {
  await chmod(directory, 0o700).catch(ifGone)
  const old = (await listLeftovers(directory)).filter(({ usedAt }) => clock.now() - usedAt > leftoverAge)
  await Promise.all(old.map(({ path }) => rm(path, { force: true })))
}

async function pruneTo(directory: string, limit: number): Promise<void> {
  const kept = await listKept(directory)
  let total = kept.reduce((sum, { size }) => sum + size, 0)
  if (total <= limit) return
  for (const { path, size } of kept.sort(byLastUse)) {
    if (total <= limit * keptShare) return
    await rm(path, { force: true })
    total -= size
  }
}

function byLastUse(one: Kept, other: Kept): number {
  return one.usedAt - other.usedAt
}
