import { expect, test } from 'vitest'
import { createNames, type Found } from '../../../electron/mirrors/sources/names.ts'

const never = new AbortController().signal

/** A resolver that says what the test lets it say. */
function told(answers: Record<string, readonly string[]>) {
  const asked: string[] = []
  return {
    asked,
    lookup: (name: string): Promise<Found[]> => {
      asked.push(name)
      const found = answers[name]
      if (found === undefined) return Promise.reject(new Error('ENOTFOUND'))
      return Promise.resolve(found.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })))
    },
  }
}

test.each([
  ['one address is the name itself', ['10.0.0.5'], undefined],
  [
    'many are told apart, in a stable order and once',
    ['10.0.0.9', '10.0.0.5', '10.0.0.5'],
    ['10.0.0.5', '10.0.0.9'],
  ],
  ['an IPv4 and an IPv6 address are one machine', ['10.0.0.5', 'fd00::5'], undefined],
  ['two of each are two machines', ['fd00::5', '10.0.0.5', 'fd00::6', '10.0.0.6'], ['10.0.0.5', '10.0.0.6']],
  ['where IPv6 has more of them it counts', ['fd00::5', '10.0.0.5', 'fd00::6'], ['fd00::5', 'fd00::6']],
])('%s', async (_, answer, expected) => {
  const names = createNames(told({ spegel: answer }).lookup)
  await names.resolve(new Set(['spegel']), 1000, never)
  expect(names.addressesOf('spegel')).toEqual(expected)
})

test('what led to many is told apart when one is left, and follows what comes and goes', async () => {
  const answers: Record<string, string[]> = { spegel: ['10.0.0.5', '10.0.0.6'] }
  const names = createNames(told(answers).lookup)
  const next = async (found: string[]) => {
    answers['spegel'] = found
    await names.resolve(new Set(['spegel']), 1000, never)
    return names.addressesOf('spegel')
  }
  expect(await next(['10.0.0.5', '10.0.0.6'])).toEqual(['10.0.0.5', '10.0.0.6'])
  expect(await next(['10.0.0.6'])).toEqual(['10.0.0.6'])
  expect(await next(['10.0.0.6', '10.0.0.7'])).toEqual(['10.0.0.6', '10.0.0.7'])
})

test('what does not resolve any more leads where it led before', async () => {
  const answers: Record<string, string[]> = { spegel: ['10.0.0.5', '10.0.0.6'] }
  const names = createNames(told(answers).lookup)
  await names.resolve(new Set(['spegel']), 1000, never)
  delete answers['spegel']
  await names.resolve(new Set(['spegel', 'other']), 1000, never)
  expect(names.addressesOf('spegel')).toEqual(['10.0.0.5', '10.0.0.6'])
  expect(names.addressesOf('other')).toBeUndefined()
})

test('a resolver that hangs holds nothing up and is not asked the same twice', async () => {
  const answer = Promise.withResolvers<Found[]>()
  const asked: string[] = []
  const names = createNames((name) => {
    asked.push(name)
    return answer.promise
  })
  await names.resolve(new Set(['spegel']), 1, never)
  await names.resolve(new Set(['spegel']), 1, never)
  expect([asked, names.addressesOf('spegel')]).toEqual([['spegel'], undefined])
  answer.resolve(['10.0.0.5', '10.0.0.6'].map((address) => ({ address, family: 4 })))
  await names.resolve(new Set(['spegel']), 60_000, never)
  expect(names.addressesOf('spegel')).toEqual(['10.0.0.5', '10.0.0.6'])
})

test('many names are asked for two at a time, so that a resolver that hangs leaves room', async () => {
  const answers = new Map<string, PromiseWithResolvers<Found[]>>()
  const names = createNames((name) => {
    const answer = Promise.withResolvers<Found[]>()
    answers.set(name, answer)
    return answer.promise
  })
  const all = ['a', 'b', 'c', 'd']
  const resolving = names.resolve(new Set(all), 60_000, never)
  for (const asked of [['a', 'b'], ['a', 'b', 'c'], all]) {
    expect([...answers.keys()]).toEqual(asked)
    answers.get(asked.at(-2) ?? '')?.reject(new Error('ENOTFOUND'))
    await new Promise(setImmediate)
  }
  answers.get('d')?.resolve(['10.0.0.5', '10.0.0.6'].map((address) => ({ address, family: 4 })))
  await resolving
  expect(all.map(names.addressesOf)).toEqual([undefined, undefined, undefined, ['10.0.0.5', '10.0.0.6']])
})

test('addresses are not asked for', async () => {
  const { asked, lookup } = told({})
  await createNames(lookup).resolve(new Set(['10.0.0.5', 'fd00::5']), 1000, never)
  expect(asked).toEqual([])
})
