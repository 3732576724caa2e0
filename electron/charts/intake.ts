import { createHash, randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, open, readdir, rm, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { ChartFile } from '../../shared/model/chart.ts'
import { FailureError } from '../../shared/model/failure.ts'
import { failureError } from '../../shared/model/local-failure.ts'
import { readChartArchive } from './archive.ts'
import { readChartYaml } from './chart-yaml.ts'

/** Bytes of one file, and how many files are held at a time. */
export const intakeLimits = { bytes: 200 * 1024 * 1024, files: 200 } as const

/** A chart that was taken in and read. */
export interface StoredChart {
  file: ChartFile
  /** Where its bytes are; they stay the same until the ticket is dropped. */
  path: string
  /** When the newest entry in it was changed, milliseconds since 1970. */
  newest: number
}

/** Files on their way into a registry, kept in a private directory until they are dropped. */
export interface Intake {
  /**
   * Takes a file's bytes in and answers with its ticket. `fileName` is for display only. Throws a FailureError
   * of kind `file-too-large`, `input-invalid` (too many files) or `cancelled`; nothing of the file is left then.
   */
  accept(fileName: string, body: AsyncIterable<Uint8Array>, signal?: AbortSignal): Promise<string>
  /** The same for a file of this machine, which is copied: it may change or go while it is published. */
  acceptPath(path: string): Promise<string>
  /** Reads the chart in it; a file that is none is removed and its Failure thrown. */
  inspect(ticket: string): Promise<ChartFile>
  /** As inspect, with where the bytes are. Throws `no-such-item` for a ticket that is not held. */
  open(ticket: string): Promise<StoredChart>
  drop(ticket: string): Promise<boolean>
  /** Removes everything that is held. */
  close(): Promise<void>
}

interface Held {
  path: string
  fileName: string
  size: number
  digest: string
  chart?: Promise<StoredChart>
}

/**
 * Opens the intake in the profile at `directory`, where `intake/` is its own. What a run that crashed left there
 * is removed before the first file is taken in; each running process has a directory of its own in it.
 */
export function createIntake({ directory }: { directory: string }): Intake {
  const room = join(directory, 'intake')
  const own = join(room, String(process.pid))
  const held = new Map<string, Held>()
  let arriving = 0
  let prepared: Promise<void> | undefined

  const prepare = (): Promise<void> => {
    prepared ??= makeRoom(room, own).catch((error: unknown) => {
      prepared = undefined
      throw error
    })
    return prepared
  }

  const get = (ticket: string): Held => {
    const file = held.get(ticket)
    if (file !== undefined) return file
    throw failureError('no-such-item', 'input', 'The file is not held any more: choose it again.', {
      next: ['choose-another-file'],
    })
  }

  const drop = async (ticket: string): Promise<boolean> => {
    const file = held.get(ticket)
    if (file === undefined) return false
    held.delete(ticket)
    await rm(file.path, { force: true })
    return true
  }

  const openChart = async (ticket: string): Promise<StoredChart> => {
    const file = get(ticket)
    try {
      return await (file.chart ??= readChart(ticket, file))
    } catch (error) {
      await drop(ticket)
      throw error
    }
  }

  const accept = async (
    fileName: string,
    body: AsyncIterable<Uint8Array>,
    signal?: AbortSignal,
  ): Promise<string> => {
    if (held.size + arriving >= intakeLimits.files) {
      throw failureError('input-invalid', 'input', `More than ${intakeLimits.files} files are held.`, {
        evidence: [{ fact: 'limit', value: String(intakeLimits.files) }],
      })
    }
    arriving += 1
    try {
      await prepare()
      const ticket = randomUUID()
      const path = join(own, `${ticket}.tgz`)
      const stored = await store(path, body, signal)
      held.set(ticket, { path, fileName: displayName(fileName), ...stored })
      return ticket
    } finally {
      arriving -= 1
    }
  }

  return {
    accept,
    acceptPath: async (path) => {
      await refuseUnlessFile(path)
      return accept(basename(path), createReadStream(path))
    },
    inspect: async (ticket) => (await openChart(ticket)).file,
    open: openChart,
    drop,
    close: async () => {
      held.clear()
      prepared = undefined
      await rm(own, { recursive: true, force: true })
    },
  }
}

async function readChart(ticket: string, held: Held): Promise<StoredChart> {
  const archive = await readChartArchive(held.path)
  const metadata = readChartYaml(archive.chartYaml, archive.requirementsYaml)
  const { path, fileName, size, digest } = held
  const file = { ticket, fileName, size, digest, entries: archive.entries, metadata }
  return { file, path, newest: archive.newest }
}

/** Writes a body to a new file that only the user can read, counting and hashing it; nothing stays of a broken one. */
async function store(
  path: string,
  body: AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
): Promise<{ size: number; digest: string }> {
  const hash = createHash('sha256')
  let size = 0
  const file = await open(path, 'wx', 0o600)
  try {
    for await (const chunk of body) {
      if (signal?.aborted === true) throw failureError('cancelled', 'input', 'The file was taken back.')
      size += chunk.length
      if (size > intakeLimits.bytes) {
        throw failureError(
          'file-too-large',
          'input',
          `The file is larger than ${intakeLimits.bytes} bytes.`,
          {
            evidence: [{ fact: 'limit', value: String(intakeLimits.bytes) }],
            next: ['choose-another-file'],
          },
        )
      }
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

async function refuseUnlessFile(path: string): Promise<void> {
  const found = await stat(path).catch((error: unknown) => {
    const gone = (error as NodeJS.ErrnoException).code === 'ENOENT'
    throw failureError(
      gone ? 'no-such-item' : 'input-invalid',
      'input',
      gone ? 'There is no such file.' : 'The file cannot be read.',
      { evidence: [{ fact: 'error-code', value: codeOf(error) }], next: ['choose-another-file'] },
    )
  })
  if (found.isFile()) return
  throw failureError(
    'archive-invalid',
    'input',
    found.isDirectory()
      ? 'It is a folder: run helm package first and choose the .tgz.'
      : 'It is no file: choose the .tgz that helm package makes.',
    { next: found.isDirectory() ? ['repackage-chart'] : ['choose-another-file'] },
  )
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

/** The last part of a name, without control and direction characters, at most 200 characters. */
function displayName(fileName: string): string {
  const last = fileName.split(/[/\\]/).pop() ?? ''
  return last.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '').slice(0, 200) || 'chart.tgz'
}

function incomplete(cause: unknown): FailureError {
  return failureError('input-invalid', 'input', 'The file did not arrive whole.', {
    evidence: [{ fact: 'error-code', value: codeOf(cause) }],
    retryable: true,
    next: ['retry'],
  })
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'unknown'
}
