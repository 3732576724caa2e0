import { createHash } from 'node:crypto'
import { mkdir, open, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { FailureError } from '../../shared/model/failure.ts'
import { failureError } from '../../shared/model/local-failure.ts'

/** What a stored body turned out to be. */
export interface Stored {
  /** Bytes. */
  size: number
  /** sha256. */
  digest: string
}

/** A private directory of this process in the profile, for files that only the user can read. */
export interface IntakeRoom {
  /** Where a file of this name is; the name is the intake's own and never one that was given. */
  path(name: string): string
  /**
   * Writes a body to a new file as it comes, counting and hashing it. Throws a FailureError of kind
   * `file-too-large` above `maxBytes`, `cancelled`, or `input-invalid` where it breaks off; nothing stays of it then.
   */
  store(
    name: string,
    body: AsyncIterable<Uint8Array>,
    limits: { maxBytes: number; signal?: AbortSignal | undefined },
  ): Promise<Stored>
  /** Makes a new directory in it. */
  makeDirectory(name: string): Promise<void>
  remove(name: string): Promise<void>
  /** Removes the whole directory; storing makes it anew. */
  close(): Promise<void>
}

/**
 * The room in `intake/` of the profile at `directory`. What a run that crashed left there is removed before the
 * first file is stored; each running process has a directory of its own in it.
 */
export function createIntakeRoom(directory: string): IntakeRoom {
  const room = join(directory, 'intake')
  const own = join(room, String(process.pid))
  let prepared: Promise<void> | undefined
  const prepare = (): Promise<void> => {
    prepared ??= makeRoom(room, own).catch((error: unknown) => {
      prepared = undefined
      throw error
    })
    return prepared
  }
  const path = (name: string): string => join(own, name)
  return {
    path,
    store: async (name, body, limits) => {
      await prepare()
      return store(path(name), body, limits)
    },
    makeDirectory: async (name) => {
      await prepare()
      await mkdir(path(name), { mode: 0o700 })
    },
    remove: (name) => rm(path(name), { recursive: true, force: true }),
    close: async () => {
      prepared = undefined
      await rm(own, { recursive: true, force: true })
    },
  }
}

async function store(
  path: string,
  body: AsyncIterable<Uint8Array>,
  { maxBytes, signal }: { maxBytes: number; signal?: AbortSignal | undefined },
): Promise<Stored> {
  const hash = createHash('sha256')
  let size = 0
  const file = await open(path, 'wx', 0o600)
  try {
    for await (const chunk of body) {
      if (signal?.aborted === true) throw failureError('cancelled', 'input', 'The file was taken back.')
      size += chunk.length
      if (size > maxBytes) throw tooLarge(maxBytes)
      hash.update(chunk)
      await file.writeFile(chunk)
    }
    await file.close()
  } catch (error) {
    await file.close()
    await rm(path, { force: true })
    throw error instanceof FailureError ? error : incomplete(error)
  }
  return { size, digest: `sha256:${hash.digest('hex')}` }
}

function tooLarge(maxBytes: number): FailureError {
  return failureError('file-too-large', 'input', `The file is larger than ${maxBytes} bytes.`, {
    evidence: [{ fact: 'limit', value: String(maxBytes) }],
    next: ['choose-another-file'],
  })
}

/** For a body that broke off, whatever its sender's system calls that. */
export function incomplete(cause: unknown): FailureError {
  return failureError('input-invalid', 'input', 'The file did not arrive whole.', {
    evidence: [{ fact: 'error-code', value: codeOf(cause) }],
    retryable: true,
    next: ['retry'],
  })
}

/** Makes this process's directory anew and removes those of processes that are gone. */
async function makeRoom(room: string, own: string): Promise<void> {
  await mkdir(room, { recursive: true, mode: 0o700 })
  for (const name of await readdir(room)) {
    const path = join(room, name)
    if (path === own || !isRunning(Number(name))) await rm(path, { recursive: true, force: true })
  }
  await mkdir(own, { mode: 0o700 })
}

function isRunning(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return codeOf(error) === 'EPERM'
  }
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'unknown'
}
