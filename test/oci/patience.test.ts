import { Readable } from 'node:stream'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createOutgoing } from '../../electron/oci/outgoing.ts'
import { createPatience } from '../../electron/oci/patience.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }))
afterEach(() => void vi.useRealTimers())

test('patience ends when the network does not move, and begins anew when it does', () => {
  const patience = createPatience(1000, undefined)
  patience.start()
  vi.advanceTimersByTime(999)
  patience.start()
  vi.advanceTimersByTime(999)
  expect(patience.signal.aborted).toBe(false)
  vi.advanceTimersByTime(1)
  expect(patience.reason()).toEqual({ givenUp: 'timeout' })
  expect(patience.signal.aborted).toBe(true)
})

test('while this side is waited for, no time runs', () => {
  const patience = createPatience(1000, undefined)
  expect(patience.atRest()).toBe(0)
  patience.start()
  expect(patience.atRest()).toBeUndefined()
  patience.stop()
  vi.advanceTimersByTime(10_000)
  expect(patience.atRest()).toBe(1)
  expect(patience.signal.aborted).toBe(false)
  patience.start()
  vi.advanceTimersByTime(1000)
  expect(patience.signal.aborted).toBe(true)
})

test('what ended is not given up later, nor by its caller', () => {
  const caller = new AbortController()
  const patience = createPatience(1000, caller.signal)
  patience.start()
  patience.end()
  caller.abort()
  vi.advanceTimersByTime(10_000)
  expect(patience.signal.aborted).toBe(false)
  expect(patience.reason()).toBeUndefined()
})

test('a slow source is not the network’s fault; a socket that takes nothing is', async () => {
  const patience = createPatience(1000, undefined)
  const source = new Readable({ read: () => undefined })
  const { body, sent } = createOutgoing(
    {
      method: 'PUT',
      url: 'http://registry.test/',
      phase: 'upload-body',
      role: 'registry',
      maxBytes: 0,
      body: () => ({ stream: source }),
    },
    patience,
  )
  patience.start()
  const pieces = (body as Readable)[Symbol.asyncIterator]() as AsyncIterator<Buffer>
  const first = pieces.next()
  await vi.waitFor(() => expect(patience.atRest()).toBeDefined())
  vi.advanceTimersByTime(10_000)
  expect(patience.signal.aborted).toBe(false)
  source.push('abc')
  expect((await first).value).toEqual(Buffer.from('abc'))
  await vi.waitFor(() => expect(sent()).toBe(3))
  source.push('def')
  await vi.waitFor(() => expect(patience.atRest()).toBeUndefined())
  vi.advanceTimersByTime(1000)
  expect(patience.reason()).toEqual({ givenUp: 'timeout' })
})
