import { expect, test } from 'vitest'
import { createWarnings } from '../../electron/registries/warnings.ts'

const warningOf = (text: string, host = 'r.example') => ({ host, text, at: 1 })

test('all that were given come first, then each new one, and none twice', async () => {
  const warnings = createWarnings()
  warnings.add(warningOf('one'))
  warnings.add(warningOf('one'))
  const controller = new AbortController()
  const events = warnings.watch(controller.signal)
  expect((await events.next()).value).toEqual([warningOf('one')])
  const next = events.next()
  warnings.add({ ...warningOf('one'), at: 2 })
  warnings.add(warningOf('one', 'other.example'))
  expect((await next).value).toEqual([warningOf('one', 'other.example')])
  const late = warnings.watch(controller.signal)
  expect((await late.next()).value).toEqual([warningOf('one'), warningOf('one', 'other.example')])
  const end = Promise.all([events.next(), late.next()])
  controller.abort()
  expect(await end).toEqual([
    { done: true, value: undefined },
    { done: true, value: undefined },
  ])
})

test('a registry that warns of something new every time is not kept without end', async () => {
  const warnings = createWarnings()
  for (let number = 1; number <= 300; number += 1) warnings.add(warningOf(`n${number}`))
  const { value } = await warnings.watch(new AbortController().signal).next()
  expect(value?.map(({ text }) => text)).toEqual(Array.from({ length: 200 }, (_, n) => `n${n + 101}`))
})
