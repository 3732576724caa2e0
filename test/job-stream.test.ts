import { expect, test } from 'vitest'
import { type JobHandle, jobStream } from '../electron/job-stream.ts'

interface Event {
  type: 'progress' | 'step'
  at: number
}

async function read(stream: AsyncGenerator<Event, string>): Promise<{ events: Event[]; result: string }> {
  const events: Event[] = []
  let step = await stream.next()
  for (; step.done !== true; step = await stream.next()) events.push(step.value)
  return { events, result: step.value }
}

/** A job that waits until it is aborted, and says so. */
function endless(states: string[]) {
  return async ({ emit, abort }: JobHandle<Event>): Promise<string> => {
    emit({ type: 'step', at: 0 })
    await new Promise((resolve) => {
      abort.signal.addEventListener('abort', resolve)
    })
    states.push('ended')
    throw new Error('aborted')
  }
}

test('hands on events in order and the result; of progress nobody read yet only the newest', async () => {
  const stream = jobStream<Event, string>(undefined, async ({ emit }) => {
    for (const at of [1, 2, 3]) emit({ type: 'progress', at })
    emit({ type: 'step', at: 4 })
    emit({ type: 'progress', at: 5 })
    return 'done'
  })
  const { events, result } = await read(stream)
  expect(events.map(({ at }) => at)).toEqual([3, 4, 5])
  expect(result).toBe('done')
})

test('what a job throws is thrown after its events', async () => {
  const stream = jobStream<Event, string>(undefined, async ({ emit }) => {
    emit({ type: 'step', at: 1 })
    throw new Error('broken')
  })
  expect((await stream.next()).value).toEqual({ type: 'step', at: 1 })
  await expect(stream.next()).rejects.toThrow('broken')
})

test('closing the stream while it waits for an event aborts the job, and ends when the job has', async () => {
  const states: string[] = []
  const stream = jobStream<Event, string>(undefined, endless(states))
  await stream.next()
  const waiting = stream.next().catch((error: Error) => error.message)
  await stream.return('closed')
  expect(states).toEqual(['ended'])
  expect(await waiting).toBe('aborted')
})

test('aborting the signal aborts the job, also before it began', async () => {
  for (const early of [true, false]) {
    const states: string[] = []
    const aborted = new AbortController()
    const stream = jobStream<Event, string>(aborted.signal, async (handle) => {
      if (handle.abort.signal.aborted) throw new Error('never begun')
      return endless(states)(handle)
    })
    if (early) aborted.abort()
    else {
      await stream.next()
      aborted.abort()
    }
    await expect(read(stream)).rejects.toThrow(early ? 'never begun' : 'aborted')
  }
})
