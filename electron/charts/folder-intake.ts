import { randomUUID } from 'node:crypto'
import { FailureError } from '../../shared/model/failure.ts'
import { failureError } from '../../shared/model/local-failure.ts'
import { incomplete, type IntakeRoom } from './intake-room.ts'
import { packageChart } from './package/package-chart.ts'
import { type PackageFile, readChartFolder } from './package/read-folder.ts'
import { receiveFolder } from './package/receive-folder.ts'

/** Makes packages of charts' folders for the intake. */
export interface FolderIntake {
  /** Packages a folder of this machine. Throws what packaging refuses, and `input-invalid` where it cannot be read. */
  takePath(path: string): Promise<string>
  /** The same for a folder sent as a tar with its files in one directory; they rest in the room meanwhile. */
  takeTar(tar: AsyncIterable<Uint8Array>, signal: AbortSignal | undefined): Promise<string>
}

/** `store` takes a package's bytes into the intake and answers with its ticket. */
export function createFolderIntake(options: {
  room: IntakeRoom
  /** The environment's SOURCE_DATE_EPOCH. */
  sourceDateEpoch: string | undefined
  store: (fileName: string, bytes: AsyncIterable<Uint8Array>, signal?: AbortSignal) => Promise<string>
}): FolderIntake {
  const { room, sourceDateEpoch, store } = options
  // the archives in the charts/ of a folder are in memory while it is packaged: one folder at a time
  let last: Promise<unknown> = Promise.resolve()

  const take = (read: () => Promise<PackageFile[]>, signal?: AbortSignal): Promise<string> => {
    const taken = last.then(async () => {
      const { fileName, bytes } = await packageChart(await read(), sourceDateEpoch)
      return store(fileName, bytes, signal)
    })
    last = taken.catch(() => undefined)
    return taken
  }

  return {
    takePath: (path) => take(() => readFolder(path)),
    takeTar: async (tar, signal) => {
      const parts = `${randomUUID()}.parts`
      try {
        await room.makeDirectory(parts)
        const files = await receiveFolder(whole(tar, signal), room.path(parts))
        return await take(() => Promise.resolve(files), signal)
      } finally {
        await room.remove(parts)
      }
    },
  }
}

async function readFolder(path: string): Promise<PackageFile[]> {
  return readChartFolder(path).catch((error: unknown) => {
    if (error instanceof FailureError) throw error
    const { code = 'unknown' } = error as NodeJS.ErrnoException
    throw failureError('input-invalid', 'input', 'The folder cannot be read.', {
      evidence: [{ fact: 'error-code', value: code }],
      next: ['choose-another-file'],
    })
  })
}

/** A body that breaks off or is taken back is a Failure. */
async function* whole(
  body: AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of body) {
      if (signal?.aborted === true) throw failureError('cancelled', 'input', 'The folder was taken back.')
      yield chunk
    }
  } catch (error) {
    throw error instanceof FailureError ? error : incomplete(error)
  }
}
