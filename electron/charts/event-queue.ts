import type { PublishEvent } from '../../shared/model/upload.ts'

/** Events from where they happen to where they are read. Of progress that waits, only the newest is kept. */
export interface EventQueue {
  push(event: PublishEvent): void
  end(): void
  events(): AsyncGenerator<PublishEvent, void>
}

export function createEventQueue(): EventQueue {
  const waiting: PublishEvent[] = []
  let ended = false
  let wake = (): void => undefined
  return {
    push: (event) => {
      if (event.type === 'progress' && waiting.at(-1)?.type === 'progress') waiting.pop()
      waiting.push(event)
      wake()
    },
    end: () => {
      ended = true
      wake()
    },
    async *events() {
      for (;;) {
        const event = waiting.shift()
        if (event !== undefined) yield event
        else if (ended) return
        else {
          await new Promise<void>((resolve) => {
            wake = resolve
          })
        }
      }
    },
  }
}
