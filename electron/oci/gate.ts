/** A request that may hold a place: `Patience` says whether this side or the network is being waited for. */
export interface Holder {
  readonly signal: AbortSignal
  atRest(): number | undefined
}

/** Lets only so many requests to one origin through at a time, first come, first served. */
export interface Gate {
  /** Resolves with what gives the place back, once or more; also when the holder was cancelled meanwhile. */
  enter(origin: string, holder: Holder): Promise<() => void>
}

interface Waiter {
  holder: Holder
  admit: () => void
}

interface Door {
  inside: Set<Holder>
  queue: Waiter[]
  watch?: NodeJS.Timeout | undefined
  /** What the holders' `atRest` said when the watch last looked. */
  seen?: ReadonlyMap<Holder, number | undefined> | undefined
}

/**
 * `places` is asked each time, so that a changed setting holds at once. A copy inside one registry needs two
 * requests at a time, one feeding the other: when every place is held by a request that waits for this side and
 * none of them moved for `stall` milliseconds, one more is let through, since they may all wait for it.
 */
export function createGate({ places, stall }: { places: () => number; stall: number }): Gate {
  const doors = new Map<string, Door>()

  /** Lets in who has a place; watches as long as somebody waits. */
  const look = (origin: string, door: Door) => {
    while (door.queue.length > 0 && door.inside.size < places()) door.queue[0]?.admit()
    if (door.queue.length === 0) {
      clearInterval(door.watch)
      door.watch = undefined
      door.seen = undefined
      if (door.inside.size === 0) doors.delete(origin)
    } else door.watch ??= setInterval(() => watch(origin, door), stall)
  }
  const watch = (origin: string, door: Door) => {
    const { seen } = door
    const now = new Map([...door.inside].map((holder) => [holder, holder.atRest()]))
    const stuck = [...now].every(([holder, rest]) => rest !== undefined && seen?.get(holder) === rest)
    door.seen = now
    if (stuck) door.queue[0]?.admit()
    look(origin, door)
  }

  return {
    enter: (origin, holder) =>
      new Promise((resolve) => {
        const door = doors.get(origin) ?? { inside: new Set<Holder>(), queue: [] }
        doors.set(origin, door)
        const leave = () => {
          if (door.inside.delete(holder)) look(origin, door)
        }
        const giveUp = () => {
          door.queue.splice(door.queue.indexOf(waiter), 1)
          look(origin, door)
          resolve(() => undefined)
        }
        const waiter: Waiter = {
          holder,
          admit: () => {
            door.queue.shift()
            door.inside.add(holder)
            holder.signal.removeEventListener('abort', giveUp)
            resolve(leave)
          },
        }
        if (holder.signal.aborted) {
          look(origin, door)
          resolve(() => undefined)
          return
        }
        holder.signal.addEventListener('abort', giveUp, { once: true })
        door.queue.push(waiter)
        look(origin, door)
      }),
  }
}
