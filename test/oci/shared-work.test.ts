import { beforeEach, expect, test } from 'vitest'
import { createSharedWork } from '../../electron/oci/shared-work.ts'
import { failureIn } from '../fakes/failure-in.ts'

let runs: Array<{ signal: AbortSignal; end: (value: string) => void; fail: (error: Error) => void }>
let join: (signal?: AbortSignal) => Promise<string>

beforeEach(() => {
  runs = []
  const work = createSharedWork<string>()
  join = (signal) =>
    work.join('key', (own) => new Promise((end, fail) => runs.push({ signal: own, end, fail })), signal)
})

test('all who join get what one run made', async () => {
  const both = Promise.all([join(), join()])
  expect(runs).toHaveLength(1)
  runs[0]?.end('made')
  expect(await both).toEqual(['made', 'made'])
  void join()
  expect(runs).toHaveLength(2)
})

test('who cancels leaves alone', async () => {
  const leaving = new AbortController()
  const left = join(leaving.signal)
  const stayed = join()
  leaving.abort()
  expect((await failureIn(left)).kind).toBe('cancelled')
  expect(runs[0]?.signal.aborted).toBe(false)
  runs[0]?.end('made')
  expect(await stayed).toBe('made')
})

test('when nobody waits any more the run is aborted, and whoever joins then begins another', async () => {
  const leaving = new AbortController()
  const left = Promise.all([join(leaving.signal), join(leaving.signal)])
  leaving.abort()
  expect((await failureIn(left)).kind).toBe('cancelled')
  expect(runs[0]?.signal.aborted).toBe(true)
  const next = join()
  runs[0]?.end('too late')
  runs[1]?.end('made')
  expect(await next).toBe('made')
})

test('a run that fails fails for all who joined, and is begun again by the next', async () => {
  const both = Promise.allSettled([join(), join()])
  runs[0]?.fail(new Error('broken'))
  expect((await both).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  const next = join()
  runs[1]?.end('made')
  expect(await next).toBe('made')
})

test('who has cancelled already begins nothing', async () => {
  expect((await failureIn(join(AbortSignal.abort()))).kind).toBe('cancelled')
  expect(runs).toHaveLength(0)
})
