/** Lets so many jobs run at once; the others wait their turn, first come first served. */
export interface Slots {
  /** Runs `job` when a slot is free; rejects with the signal's reason when it is aborted while waiting. */
  run<T>(signal: AbortSignal, job: () => Promise<T>): Promise<T>
}

export function createSlots(count: number): Slots {
  let free = count
  const waiting: (() => void)[] = []
  return {
    async run(signal, job) {
      if (free === 0) await new Promise<void>((resolve) => waiting.push(resolve))
      else free -= 1
      try {
        signal.throwIfAborted()
        return await job()
      } finally {
        // the slot goes straight to the next in line
        const next = waiting.shift()
        if (next === undefined) free += 1
        else next()
      }
    },
  }
}
