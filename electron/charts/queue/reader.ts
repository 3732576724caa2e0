import { isChartFile, type ProvenanceFile } from '../../../shared/model/chart.ts'
import type { FailureError } from '../../../shared/model/failure.ts'
import type { Intake } from '../intake.ts'
import type { KeptItem, KeptQueue } from './kept.ts'
import { createLine } from './line.ts'
import type { QueueList } from './list.ts'

/** Files that are read at a time. */
const places = 4

/** Reads the charts of the queue's items and keeps their files. */
export interface QueueReader {
  /** A file that was taken in. */
  read(id: string, ticket: string): void
  /** A file of an earlier run. */
  restore(item: KeptItem): void
  /** What is to be kept of an item of an earlier run that is not read yet. */
  unread(id: string): KeptItem | undefined
  /** When the file was changed where it came from, milliseconds since 1970. */
  modified(id: string): number | undefined
  forget(id: string): void
  /** Resolves when nothing is read any more. */
  close(): Promise<void>
}

export function createQueueReader(ports: {
  intake: Pick<Intake, 'accept' | 'inspect' | 'open' | 'drop'>
  kept: Pick<KeptQueue, 'hold' | 'read' | 'release'>
  list: QueueList
  /** Hears that there is something else to keep. */
  onChange: () => void
  failureIn: (error: unknown) => FailureError['failure']
}): QueueReader {
  const { intake, kept, list, onChange } = ports
  const line = createLine(places)
  const restoring = new Map<string, KeptItem>()
  const times = new Map<string, number>()

  /** A .prov that waited for this chart has nothing left to say. */
  const readChart = async (id: string, ticket: string): Promise<void> => {
    const stored = await intake.open(ticket)
    const before = restoring.get(id)
    if (before === undefined) await kept.hold(id, stored)
    if (list.find(id) === undefined) {
      await intake.drop(ticket)
      await kept.release(id)
      return
    }
    const { file, modified } = stored
    if (modified !== undefined) times.set(id, modified)
    restoring.delete(id)
    list.change(id, {
      ticket,
      chart: file,
      fileName: file.fileName,
      status: before?.status ?? 'ready',
      ...(before?.failure !== undefined ? { failure: before.failure } : {}),
    })
    for (const other of list.all()) {
      if (other.status === 'unpaired' && other.fileName === file.provenance?.fileName) list.remove(other.id)
    }
  }

  /** A .prov becomes part of its chart's item, or waits in one of its own. */
  const readProvenance = async (id: string, provenance: ProvenanceFile): Promise<void> => {
    const { ticket, fileName, chartFileName, chartTicket } = provenance
    if (chartTicket === undefined) {
      list.change(id, { ticket, fileName, status: 'unpaired', waitsFor: chartFileName })
      return
    }
    list.remove(id)
    const owner = list.all().find((item) => item.ticket === chartTicket)
    if (owner === undefined) return
    const stored = await intake.open(chartTicket)
    list.change(owner.id, { chart: stored.file })
    await kept.hold(owner.id, stored)
  }

  const enter = (id: string, take: () => Promise<string>): void =>
    line.enter(id, async () => {
      try {
        const ticket = await take()
        const taken = await intake.inspect(ticket)
        if (list.find(id) === undefined) await intake.drop(ticket)
        else if (isChartFile(taken)) await readChart(id, ticket)
        else await readProvenance(id, taken)
      } catch (error) {
        restoring.delete(id)
        list.change(id, { status: 'failed', failure: ports.failureIn(error), resumable: false })
        await kept.release(id)
      }
      onChange()
    })

  return {
    read: (id, ticket) => enter(id, () => Promise.resolve(ticket)),
    restore: (item) => {
      const { id, fileName, addedAt, target, provenance, saved } = item
      restoring.set(id, item)
      list.put({
        id,
        fileName,
        addedAt,
        status: 'reading',
        fallbacks: [],
        resumable: saved !== undefined,
        ...(target !== undefined ? { target } : {}),
      })
      enter(id, async () => {
        const ticket = await intake.accept(fileName, kept.read(id, 'chart'), undefined, item.modified)
        if (provenance !== undefined) await intake.accept(provenance, kept.read(id, 'provenance'))
        return ticket
      })
    },
    unread: (id) => restoring.get(id),
    modified: (id) => times.get(id),
    forget: (id) => {
      restoring.delete(id)
      times.delete(id)
    },
    close: () => line.close(),
  }
}
