import type { Collector, CollectorPorts } from './collector.ts'

/** A source that is to be collected. */
export interface Wanted {
  entry: CollectorPorts['entry']
  /** Another text means that it is to be opened anew. */
  made: string
  open: () => Promise<Collector>
}

export interface Member extends Pick<Wanted, 'entry' | 'made'> {
  collector: Collector
}

/** One collector for every source there is. */
export interface Fleet {
  /** Closes and opens until there is one for each of `wanted`, and returns them in that order; calls queue up. */
  follow(wanted: () => Promise<readonly Wanted[]>): Promise<Member[]>
  /** From now on every collector runs, those to come as well. */
  start(): void
  /** Closes all; nothing is opened any more. */
  close(): Promise<void>
}

export function createFleet(): Fleet {
  const members = new Map<string, Member>()
  let [started, closed] = [false, false]
  let queue: Promise<unknown> = Promise.resolve()

  const inTurn = <T>(job: () => Promise<T>): Promise<T> => {
    const result = queue.then(job)
    queue = result.catch(() => undefined)
    return result
  }
  const leave = async (leaving: readonly Member[]): Promise<void> => {
    for (const { entry } of leaving) members.delete(entry.id)
    await Promise.all(leaving.map(({ collector }) => collector.close()))
  }

  return {
    follow: (ask) =>
      inTurn(async () => {
        const wanted = closed ? [] : await ask()
        const stays = ({ entry, made }: Member) =>
          wanted.some((each) => each.entry.id === entry.id && each.made === made)
        await leave([...members.values()].filter((member) => !stays(member)))
        for (const { entry, made, open } of wanted) {
          if (members.has(entry.id)) continue
          const collector = await open()
          members.set(entry.id, { entry, made, collector })
          if (started) collector.start()
        }
        return wanted.flatMap(({ entry }) => members.get(entry.id) ?? [])
      }),
    start: () => {
      started = true
      for (const { collector } of members.values()) collector.start()
    },
    close: () => {
      closed = true
      return inTurn(() => leave([...members.values()]))
    },
  }
}
