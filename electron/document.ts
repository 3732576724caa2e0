import { mkdir, open, readFile, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { z } from 'zod'

/** One JSON document of the profile, checked when it is read and replaced whole when it is written. */
export interface Document<T> {
  read(): Promise<T>
  /** Writes what `change` makes of the present value; changes queue up, none is lost. Returns the new value. */
  change(change: (value: T) => T): Promise<T>
}

/**
 * Opens `path`. A document that is not there reads as `initial`. One that does not parse is set aside as
 * `<path>.broken` and reads as `initial`: nothing a user stored is ever overwritten by a default.
 */
export function openDocument<T>(path: string, schema: z.ZodType<T>, initial: T): Document<T> {
  let queue: Promise<unknown> = Promise.resolve()
  const read = async (): Promise<T> => {
    let text: string
    try {
      text = await readFile(path, 'utf8')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return initial
      throw error
    }
    const parsed = schema.safeParse(parseJson(text))
    if (parsed.success) return parsed.data
    await rename(path, `${path}.broken`)
    return initial
  }
  const inTurn = <R>(job: () => Promise<R>): Promise<R> => {
    const result = queue.then(job)
    queue = result.catch(() => undefined)
    return result
  }
  return {
    read: () => inTurn(read),
    change: (change) =>
      inTurn(async () => {
        const value = change(await read())
        await replaceFile(path, JSON.stringify(value, null, 2))
        return value
      }),
  }
}

/** Writes beside and renames over, so that a crash leaves the old text or the new one; readable by the user alone. */
async function replaceFile(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const beside = `${path}.${process.pid}.new`
  const file = await open(beside, 'w', 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(beside, path)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
