import { expect, test } from 'vitest'
import { createPause } from '../../electron/mirrors/pause.ts'

const never = new AbortController().signal
const hour = 3_600_000

test('a pause ends by itself', async () => {
  expect(await createPause().wait(1, never)).toBeUndefined()
})

test('it is cut short while it lasts, and once only', async () => {
  const pause = createPause()
  const waiting = pause.wait(hour, never)
  pause.shorten(0)
  await waiting
  let ended = false
  const next = pause.wait(hour, never).then(() => (ended = true))
  await Promise.resolve()
  expect(ended).toBe(false)
  pause.shorten(1)
  await next
})

test('it is cut short before it begins', async () => {
  const pause = createPause()
  pause.shorten(0)
  await pause.wait(hour, never)
})

test('what comes again and again does not put its end off', async () => {
  const pause = createPause()
  const waiting = pause.wait(hour, never).then(() => true)
  for (let ended = false; !ended;) {
    pause.shorten(20)
    ended = await Promise.race([waiting, new Promise<boolean>((resolve) => setImmediate(resolve, false))])
  }
})

test('it ends where its signal aborts, before and while it lasts', async () => {
  const pause = createPause()
  await pause.wait(hour, AbortSignal.abort())
  const stop = new AbortController()
  const waiting = pause.wait(hour, stop.signal)
  stop.abort()
  await waiting
})
