import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createPatience } from '../../electron/oci/patience.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

test('what has ended watches nothing more, though its body moves on', () => {
  const patience = createPatience(120_000, undefined)
  patience.start()
  patience.end()
  patience.start()
  expect(vi.getTimerCount()).toBe(0)
  expect(patience.reason()).toBeUndefined()
})

test('what was cancelled is not started again', () => {
  const caller = new AbortController()
  const patience = createPatience(120_000, caller.signal)
  patience.start()
  caller.abort()
  patience.start()
  expect([vi.getTimerCount(), patience.reason()]).toEqual([0, { givenUp: 'cancelled' }])
})
