import { ORPCError } from '@orpc/client'
import { expect, test } from 'vitest'
import { failureReport } from '../../renderer/parts/failure-report.ts'
import { formatBytes, formatDuration, shortDigest } from '../../renderer/parts/format.ts'
import { type Carrier, keepConnected } from '../../renderer/state/connection.ts'
import { failureOf } from '../../renderer/state/failure-of.ts'
import { hrefOf, parseRoute } from '../../renderer/state/route.ts'
import { createSlots } from '../../renderer/state/slots.ts'
import { localFailure } from '../../shared/model/local-failure.ts'

test('a place survives its hash, whatever is in its parts', () => {
  const parts = ['id 1', 'charts/cart', 'sha256:00', '100%']
  expect(parseRoute(hrefOf('registries', ...parts))).toEqual({ screen: 'registries', parts })
})

test('a hash that names no place leads to the registries', () => {
  for (const hash of ['', '#', '#/', '#/nowhere/at/all', '#token=abc', '#/constructor']) {
    expect(parseRoute(hash)).toEqual({ screen: 'registries', parts: [] })
  }
  expect(parseRoute('#/activity/%E0%A4%A').parts).toEqual(['%E0%A4%A'])
})

test('the Failure is found in whatever a call threw', () => {
  const failure = localFailure('chart-invalid', 'input', 'No chart.')
  expect(failureOf(new ORPCError('FAILED', { data: failure }))).toEqual(failure)
  expect(failureOf(new ORPCError('BAD_REQUEST', { message: 'Input validation failed' })).kind).toBe(
    'input-invalid',
  )
  expect(failureOf(new ORPCError('FAILED', { data: { kind: 'made-up' } })).kind).toBe('internal')
  expect(failureOf(new DOMException('gone', 'AbortError')).kind).toBe('cancelled')
  expect(failureOf('text')).toMatchObject({ kind: 'internal', message: 'text' })
})

test('a report has what helps and is one fact a line', () => {
  const report = failureReport({
    ...localFailure('body-refused', 'upload-body', 'Refused.', {
      host: 'registry.example',
      next: ['use-buffered'],
    }),
    status: 400,
    answeredBy: 'proxy',
    evidence: [{ fact: 'body-shape', value: 'text' }],
    ociErrors: [{ code: 'DENIED', message: 'no' }, { code: 'UNKNOWN' }],
  })
  expect(report.split('\n')).toEqual([
    'Refused.',
    'kind: body-refused',
    'step: upload-body',
    'answered by: proxy',
    'host: registry.example',
    'status: 400',
    'registry error: DENIED: no',
    'registry error: UNKNOWN',
    'evidence: body-shape = text',
    'next: use-buffered',
  ])
})

test('numbers read as people write them', () => {
  expect(formatBytes(0, 'en')).toBe('0 B')
  expect(formatBytes(999, 'en')).toBe('999 B')
  expect(formatBytes(1_440, 'en')).toBe('1.4 kB')
  expect(formatBytes(999_600, 'en')).toBe('1 MB')
  expect(formatBytes(38_200_000, 'en')).toBe('38 MB')
  expect(formatDuration(41.4, 'en')).toBe('41 ms')
  expect(formatDuration(2_410, 'en')).toBe('2.4 sec')
  expect(shortDigest('sha256:0123456789abcdef')).toBe('0123456789ab')
})

/** A carrier whose end the test decides; its calls wait for `answers`. */
function carrierOf(answers: () => Promise<unknown>) {
  const end = Promise.withResolvers<void>()
  const carrier: Carrier = { link: { call: answers }, closed: end.promise }
  return { carrier, end: end.resolve }
}

test('a call made before the connection stands waits for it', async () => {
  const { carrier } = carrierOf(() => Promise.resolve('answer'))
  const opening = Promise.withResolvers<Carrier>()
  const connection = keepConnected(() => opening.promise)
  const call = connection.link.call(['host'], undefined, { context: {} })
  expect(connection.snapshot()).toEqual({ state: 'connecting', generation: 0 })
  opening.resolve(carrier)
  await expect(call).resolves.toBe('answer')
  expect(connection.snapshot()).toEqual({ state: 'open', generation: 1 })
})

test('a carrier that closes in the middle of a call or stream is a Failure that may be tried again', async () => {
  const cut = Promise.withResolvers<never>()
  async function* events() {
    yield 1
    await cut.promise
  }
  let calls = 0
  const first = carrierOf(() => (++calls === 1 ? cut.promise : Promise.resolve(events())))
  const never = new Promise<Carrier>(() => undefined)
  const openings = [Promise.resolve(first.carrier), never]
  const connection = keepConnected(() => openings.shift() ?? never)

  const call = connection.link.call(['a'], undefined, { context: {} })
  const stream = (await connection.link.call(['b'], undefined, { context: {} })) as AsyncGenerator<number>
  await expect(stream.next()).resolves.toEqual({ done: false, value: 1 })
  const next = stream.next()

  const lost = new Promise<void>((resolve) => connection.subscribe(resolve))
  first.end()
  await lost
  cut.reject(new DOMException('closed', 'AbortError'))
  for (const broken of [call, next]) {
    const error = await broken.then(
      () => undefined,
      (error: unknown) => error,
    )
    expect(failureOf(error)).toMatchObject({ kind: 'host-gone', retryable: true })
  }
  expect(connection.snapshot()).toEqual({ state: 'lost', generation: 1 })
  await expect(connection.link.call(['c'], undefined, { context: {} })).rejects.toThrow('closed')
})

test('a connection opens anew after it was lost, and says so', async () => {
  const first = carrierOf(() => Promise.resolve(1))
  const second = carrierOf(() => Promise.resolve(2))
  const openings = [first.carrier, second.carrier]
  const connection = keepConnected(() => {
    const next = openings.shift()
    return next === undefined ? Promise.reject(new Error('none left')) : Promise.resolve(next)
  })
  const reopened = new Promise<void>((resolve) => {
    connection.subscribe(() => {
      if (connection.snapshot().generation === 2) resolve()
    })
  })
  await expect(connection.link.call(['a'], undefined, { context: {} })).resolves.toBe(1)
  first.end()
  await reopened
  await expect(connection.link.call(['a'], undefined, { context: {} })).resolves.toBe(2)
})

test('a host that never lets the page in is "refused", not "lost"', async () => {
  const connection = keepConnected(() => Promise.reject(new Error('no')))
  await new Promise<void>((resolve) => connection.subscribe(resolve))
  expect(connection.snapshot().state).toBe('refused')
})

test('no more jobs run at once than there are slots, and each gets its turn', async () => {
  const slots = createSlots(2)
  const { signal } = new AbortController()
  let running = 0
  let most = 0
  const done = await Promise.all(
    Array.from({ length: 9 }, (_, at) =>
      slots
        .run(signal, async () => {
          running += 1
          most = Math.max(most, running)
          await new Promise((resolve) => setImmediate(resolve))
          running -= 1
          if (at === 4) throw new Error('one fails')
          return at
        })
        .catch(() => 'failed'),
    ),
  )
  expect(most).toBe(2)
  expect(done).toEqual([0, 1, 2, 3, 'failed', 5, 6, 7, 8])
})

test('a job that was given up while it waited is not run', async () => {
  const slots = createSlots(1)
  const gate = Promise.withResolvers<void>()
  const first = slots.run(new AbortController().signal, () => gate.promise)
  const given = new AbortController()
  let ran = false
  const second = slots.run(given.signal, () => {
    ran = true
    return Promise.resolve()
  })
  given.abort()
  gate.resolve()
  await first
  await expect(second).rejects.toThrow('aborted')
  expect(ran).toBe(false)
})
