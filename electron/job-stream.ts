/** What a job is given: where its events go, and what aborts it when its caller cancels or stops listening. */
export interface JobHandle<Event> {
  emit: (event: Event) => void
  abort: AbortController
}

/**
 * Runs `job` and hands on what it emits, in order; of progress that waits, only the newest is kept. The job begins
 * with the first event that is asked for. Aborting `signal` or closing the generator aborts it at once, and the
 * generator ends when the job has.
 */
export function jobStream<Event extends object, Result>(
  signal: AbortSignal | undefined,
  job: (handle: JobHandle<Event>) => Promise<Result>,
): AsyncGenerator<Event, Result> {
  const abort = new AbortController()
  const generator = run(signal, abort, job)
  // a generator that waits for its next event hears of a return only after it: the job must hear at once
  const end = generator.return.bind(generator)
  generator.return = (value) => {
    abort.abort()
    return end(value)
  }
  return generator
}

async function* run<Event extends object, Result>(
  signal: AbortSignal | undefined,
  abort: AbortController,
  job: (handle: JobHandle<Event>) => Promise<Result>,
): AsyncGenerator<Event, Result> {
  const queue = createQueue<Event>()
  const cancel = () => abort.abort(signal?.reason)
  signal?.addEventListener('abort', cancel)
  if (signal?.aborted === true) cancel()
  const result = job({ emit: queue.push, abort }).finally(queue.end)
  // it is awaited below; until then a failure is nobody's business
  result.catch(() => undefined)
  try {
    yield* queue.events()
    return await result
  } finally {
    abort.abort()
    await result.catch(() => undefined)
    signal?.removeEventListener('abort', cancel)
  }
}

/** Events from where they happen to where they are read. */
function createQueue<Event extends object>() {
  const waiting: Event[] = []
  let ended = false
  let wake = (): void => undefined
  return {
    push: (event: Event): void => {
      if (isProgress(event) && isProgress(waiting.at(-1))) waiting.pop()
      waiting.push(event)
      wake()
    },
    end: (): void => {
      ended = true
      wake()
    },
    async *events(): AsyncGenerator<Event, void> {
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

function isProgress(event: object | undefined): boolean {
  return event !== undefined && 'type' in event && event.type === 'progress'
}
