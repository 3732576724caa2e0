import { randomUUID } from 'node:crypto'
import { createReadStream, type Stats } from 'node:fs'
import { access, stat } from 'node:fs/promises'
import { basename } from 'node:path'
import type { ChartFile, ProvenanceFile, TakenIn } from '../../shared/model/chart.ts'
import type { FailureError } from '../../shared/model/failure.ts'
import { failureError } from '../../shared/model/local-failure.ts'
import { readChartArchive } from './archive.ts'
import { readChartYaml } from './chart-yaml.ts'
import { createFolderIntake } from './folder-intake.ts'
import { createIntakeRoom, type Stored } from './intake-room.ts'
import { chartFileNameOf, chartFor, isProvenanceName, provenanceNameOf } from './provenance-pair.ts'

const MiB = 1024 * 1024

/** Bytes of one file and of one .prov, and how many files are held at a time. */
export const intakeLimits = { bytes: 200 * MiB, provenance: 1 * MiB, files: 500 } as const

/** A chart that was taken in and read. */
export interface StoredChart {
  file: ChartFile
  /** Where its bytes are; they stay the same until the ticket is dropped. */
  path: string
  /** When the newest entry in it was changed, milliseconds since 1970. */
  newest: number
  /** When the file itself was changed, milliseconds since 1970, where that is known: helm's time of a chart. */
  modified?: number
  /** Where the bytes of `file.provenance` are. */
  provenancePath?: string
}

/** Files on their way into a registry, kept in a private directory until they are dropped. */
export interface Intake {
  /**
   * Takes a file's bytes in and answers with its ticket. `fileName` is for display, and a .prov goes with the chart
   * whose file it is named after, whichever comes first. `modified` is when the file was changed where it comes from,
   * milliseconds since 1970. Throws a FailureError of kind `file-too-large`,
   * `input-invalid` (too many files) or `cancelled`; nothing of the file is left then.
   */
  accept(
    fileName: string,
    body: AsyncIterable<Uint8Array>,
    signal?: AbortSignal,
    modified?: number,
  ): Promise<string>
  /**
   * Takes a chart's folder in, sent as a tar with its files in one directory, and packages it. What packaging refuses
   * is thrown here; nothing of the folder is left then.
   */
  acceptFolder(tar: AsyncIterable<Uint8Array>, signal?: AbortSignal): Promise<string>
  /**
   * The same for a file or folder of this machine, which is copied: it may change or go while it is published. The
   * .prov beside a chart's file comes with it, as with `helm push`; a folder is packaged.
   */
  acceptPath(path: string): Promise<string>
  /** Reads the chart in it; a file that is none is removed and its Failure thrown. */
  inspect(ticket: string): Promise<TakenIn>
  /** The chart with where its bytes are. Throws `no-such-item` for a ticket that is not held or a .prov's. */
  open(ticket: string): Promise<StoredChart>
  /** Removes a file; the .prov of a chart goes with it. */
  drop(ticket: string): Promise<boolean>
  /** Removes everything that is held. */
  close(): Promise<void>
}

interface HeldProvenance extends Stored {
  kind: 'provenance'
  ticket: string
  fileName: string
}

interface HeldChart extends Stored {
  kind: 'chart'
  ticket: string
  fileName: string
  source: ChartFile['source']
  modified: number | undefined
  provenance?: HeldProvenance
  read?: Promise<{ file: ChartFile; newest: number }>
}

type Held = HeldChart | HeldProvenance

/** What comes in as a chart. */
interface Arrival extends Pick<HeldChart, 'fileName' | 'source'> {
  body: AsyncIterable<Uint8Array>
  signal?: AbortSignal | undefined
  modified?: number | undefined
}

/**
 * Opens the intake in the profile at `directory`, where `intake/` is its own. `sourceDateEpoch` is the environment's
 * SOURCE_DATE_EPOCH, for the folders that are packaged.
 */
export function createIntake(options: { directory: string; sourceDateEpoch?: string | undefined }): Intake {
  const room = createIntakeRoom(options.directory)
  const held = new Map<string, Held>()
  let arriving = 0

  const charts = (): HeldChart[] => [...held.values()].filter((file) => file.kind === 'chart')
  const provenances = (): HeldProvenance[] => [...held.values()].filter((file) => file.kind === 'provenance')
  const isPaired = (file: HeldProvenance): boolean => charts().some(({ provenance }) => provenance === file)

  const get = (ticket: string): Held => {
    const file = held.get(ticket)
    if (file !== undefined) return file
    throw failureError('no-such-item', 'input', 'The file is not held any more: choose it again.', {
      next: ['choose-another-file'],
    })
  }

  const pathOf = ({ kind, ticket }: Held): string => room.path(storedName(kind, ticket))

  const drop = async (ticket: string): Promise<boolean> => {
    const file = held.get(ticket)
    if (file === undefined) return false
    held.delete(ticket)
    await room.remove(storedName(file.kind, ticket))
    if (file.kind === 'provenance') {
      for (const chart of charts()) if (chart.provenance === file) delete chart.provenance
    } else if (file.provenance !== undefined) {
      const gone = provenances().filter((provenance) => isFor(provenance, file) && !isPaired(provenance))
      for (const provenance of gone) await drop(provenance.ticket)
    }
    return true
  }

  /** A place for a file that is on its way, given back when it is there or not coming. */
  const arrive = async <T>(take: () => Promise<T>): Promise<T> => {
    if (held.size + arriving >= intakeLimits.files) {
      throw failureError('input-invalid', 'input', `More than ${intakeLimits.files} files are held.`, {
        evidence: [{ fact: 'limit', value: String(intakeLimits.files) }],
      })
    }
    arriving += 1
    try {
      return await take()
    } finally {
      arriving -= 1
    }
  }

  const acceptChart = ({ fileName, source, body, signal, modified }: Arrival): Promise<HeldChart> =>
    arrive(async () => {
      const ticket = randomUUID()
      const limits = { maxBytes: intakeLimits.bytes, signal }
      const stored = await room.store(storedName('chart', ticket), body, limits)
      const chart: HeldChart = { kind: 'chart', ticket, fileName, source, modified, ...stored }
      held.set(ticket, chart)
      return chart
    })

  const acceptProvenance = (
    fileName: string,
    body: AsyncIterable<Uint8Array>,
    signal: AbortSignal | undefined,
  ): Promise<HeldProvenance> =>
    arrive(async () => {
      const ticket = randomUUID()
      const limits = { maxBytes: intakeLimits.provenance, signal }
      const stored = await room.store(storedName('provenance', ticket), body, limits)
      const provenance: HeldProvenance = { kind: 'provenance', ticket, fileName, ...stored }
      held.set(ticket, provenance)
      return provenance
    })

  const accept = async (
    fileName: string,
    body: AsyncIterable<Uint8Array>,
    signal?: AbortSignal,
    modified?: number,
  ): Promise<string> => {
    const shown = displayName(fileName)
    if (isProvenanceName(shown)) {
      const provenance = await acceptProvenance(shown, body, signal)
      // nobody signed a package that was made here
      const archives = charts().filter(({ source }) => source === 'archive')
      const chart = chartFor(provenance, archives)
      if (chart !== undefined) chart.provenance ??= provenance
      return provenance.ticket
    }
    const chart = await acceptChart({ fileName: shown, source: 'archive', body, signal, modified })
    const waiting = provenances().find((provenance) => isFor(provenance, chart) && !isPaired(provenance))
    if (waiting !== undefined) chart.provenance = waiting
    return chart.ticket
  }

  const folders = createFolderIntake({
    room,
    sourceDateEpoch: options.sourceDateEpoch,
    store: async (fileName, body, signal) => {
      const arrival = { fileName: displayName(fileName), source: 'folder', body, signal } as const
      return (await acceptChart(arrival)).ticket
    },
  })

  const acceptPath = async (path: string): Promise<string> => {
    const found = await statOf(path)
    if (found.isDirectory()) return folders.takePath(path)
    const fileName = displayName(basename(path))
    const body = createReadStream(path)
    if (isProvenanceName(fileName)) return accept(fileName, body)
    const chart = await acceptChart({ fileName, source: 'archive', body, modified: found.mtimeMs })
    const beside = provenanceNameOf(path)
    if (await isThere(beside)) {
      try {
        chart.provenance = await acceptProvenance(
          provenanceNameOf(fileName),
          createReadStream(beside),
          undefined,
        )
      } catch (error) {
        await drop(chart.ticket)
        throw error
      }
    }
    return chart.ticket
  }

  const open = async (ticket: string): Promise<StoredChart> => {
    const chart = get(ticket)
    if (chart.kind === 'provenance') {
      throw failureError('no-such-item', 'input', 'It is the provenance of a chart: publish the chart.', {
        next: ['choose-another-file'],
      })
    }
    try {
      chart.read ??= readChart(chart, pathOf(chart))
      const { file, newest } = await chart.read
      const { provenance, modified } = chart
      const stored = { file, path: pathOf(chart), newest, ...(modified === undefined ? {} : { modified }) }
      if (provenance === undefined) return stored
      const { fileName, size, digest } = provenance
      return {
        ...stored,
        file: { ...file, provenance: { fileName, size, digest } },
        provenancePath: pathOf(provenance),
      }
    } catch (error) {
      await drop(ticket)
      throw error
    }
  }

  return {
    accept,
    // its parts are stored before there is a package to count
    acceptFolder: (tar, signal) => arrive(() => folders.takeTar(tar, signal)),
    acceptPath,
    inspect: async (ticket) => {
      const file = get(ticket)
      return file.kind === 'chart' ? (await open(ticket)).file : describeProvenance(file, charts())
    },
    open,
    drop,
    close: async () => {
      held.clear()
      await room.close()
    },
  }
}

function storedName(kind: Held['kind'], ticket: string): string {
  return `${ticket}.${kind === 'chart' ? 'tgz' : 'prov'}`
}

function isFor(provenance: HeldProvenance, chart: HeldChart): boolean {
  return chartFor(provenance, [chart]) !== undefined
}

function describeProvenance(provenance: HeldProvenance, charts: readonly HeldChart[]): ProvenanceFile {
  const { ticket, fileName, digest } = provenance
  const chart = charts.find((other) => other.provenance?.digest === digest && isFor(provenance, other))
  return {
    ticket,
    fileName,
    chartFileName: chartFileNameOf(fileName),
    ...(chart !== undefined ? { chartTicket: chart.ticket } : {}),
  }
}

async function readChart(chart: HeldChart, path: string): Promise<{ file: ChartFile; newest: number }> {
  const archive = await readChartArchive(path)
  const metadata = readChartYaml(archive.chartYaml, archive.requirementsYaml)
  const { ticket, fileName, size, digest, source } = chart
  const { entries, newest } = archive
  return { file: { ticket, fileName, size, digest, entries, source, metadata }, newest }
}

/** Throws a FailureError for what is neither a file nor a folder, or not there. */
async function statOf(path: string): Promise<Stats> {
  const found = await stat(path).catch((error: unknown) => {
    throw unreadable(error)
  })
  if (found.isFile() || found.isDirectory()) return found
  throw failureError('archive-invalid', 'input', 'It is no file: choose a .tgz or the folder of a chart.', {
    next: ['choose-another-file'],
  })
}

function unreadable(error: unknown): FailureError {
  const { code } = error as NodeJS.ErrnoException
  const gone = code === 'ENOENT'
  return failureError(
    gone ? 'no-such-item' : 'input-invalid',
    'input',
    gone ? 'There is no such file.' : 'The file cannot be read.',
    { evidence: [{ fact: 'error-code', value: code ?? 'unknown' }], next: ['choose-another-file'] },
  )
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}

/** The last part of a name, without control and direction characters, at most 200 characters. */
function displayName(fileName: string): string {
  const last = fileName.split(/[/\\]/).pop() ?? ''
  return last.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '').slice(0, 200) || 'chart.tgz'
}
