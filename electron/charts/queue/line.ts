/** Jobs in the order they came, so many at a time. */
export interface Line {
  /** Runs `job` when its turn comes. One that is in line under this name already is not put there again. */
  enter(name: string, job: (signal: AbortSignal) => Promise<void>): void
  /** Takes a job out of the line, aborting it where it runs. Resolves when it has ended. */
  leave(name: string): Promise<void>
  has(name: string): boolean
  /** How many have begun, and how many have not. */
  running(): number
  waiting(): number
  /** Takes all out. */
  close(): Promise<void>
}

interface Place {
  job: (signal: AbortSignal) => Promise<void>
  abort: AbortController
  /** Settles when the job has ended; absent while it waits. */
  running?: Promise<void>
}

/** A line with `places` places; its jobs never throw. */
export function createLine(places: number): Line {
  const line = new Map<string, Place>()

  const waiting = () => [...line].filter(([, place]) => place.running === undefined)
  const next = (): void => {
    const free = places - (line.size - waiting().length)
    for (const [name, place] of waiting().slice(0, Math.max(0, free))) start(name, place)
  }
  const start = (name: string, place: Place): void => {
    place.running = place.job(place.abort.signal).finally(() => {
      // one that was taken out may have come again since
      if (line.get(name) === place) line.delete(name)
      next()
    })
  }
  const leave = async (name: string): Promise<void> => {
    const place = line.get(name)
    if (place === undefined) return
    line.delete(name)
    place.abort.abort()
    await place.running
  }
  return {
    enter: (name, job) => {
      if (line.has(name)) return
      line.set(name, { job, abort: new AbortController() })
      next()
    },
    leave,
    has: (name) => line.has(name),
    running: () => line.size - waiting().length,
    waiting: () => waiting().length,
    close: async () => {
      // those that wait first: none of them is to begin when one that runs ends
      for (const [name] of waiting()) line.delete(name)
      await Promise.all([...line.keys()].map(leave))
    },
  }
}
