import { expect, test } from 'vitest'
import { type Activity, createActivity, maxExchanges } from '../../electron/activity/activity.ts'
import type { Exchange } from '../../shared/model/exchange.ts'

function exchange(id: number, more: Partial<Exchange> = {}): Exchange {
  return {
    id: String(id),
    startedAt: Date.UTC(2026, 0, 2, 3, 4, 5),
    duration: 12,
    phase: 'tags',
    method: 'GET',
    url: 'http://registry.test/v2/a/tags/list?n=2&last=b%20c',
    host: 'registry.test',
    status: 200,
    bytesSent: 0,
    bytesReceived: 34,
    answeredBy: 'registry',
    requestHeaders: { authorization: 'Basic •••' },
    responseHeaders: { 'content-type': 'application/json' },
    demo: false,
    ...more,
  }
}

function record(activity: Activity, from: number, to: number): void {
  for (let id = from; id <= to; id += 1) activity.record(exchange(id))
}

const idsOf = (batch: Exchange[] | void): string[] => (batch ?? []).map(({ id }) => id)

test('a watcher gets what is kept, then what is new, in order and once', async () => {
  const activity = createActivity()
  const stop = new AbortController()
  record(activity, 1, 3)
  const watch = activity.watch(stop.signal)
  expect(idsOf((await watch.next()).value)).toEqual(['1', '2', '3'])
  const waiting = watch.next()
  record(activity, 4, 4)
  expect(idsOf((await waiting).value)).toEqual(['4'])
  record(activity, 5, 7)
  expect(idsOf((await watch.next()).value)).toEqual(['5', '6', '7'])
  stop.abort()
  expect(await watch.next()).toEqual({ value: undefined, done: true })
})

test('a watcher that waits ends when it is cancelled, and others go on', async () => {
  const activity = createActivity()
  const [first, second] = [new AbortController(), new AbortController()]
  const [leaving, staying] = [activity.watch(first.signal), activity.watch(second.signal)]
  expect(idsOf((await leaving.next()).value)).toEqual([])
  expect(idsOf((await staying.next()).value)).toEqual([])
  const ended = leaving.next()
  first.abort()
  expect((await ended).done).toBe(true)
  record(activity, 1, 1)
  expect(idsOf((await staying.next()).value)).toEqual(['1'])
  second.abort()
})

test('the newest two thousand are kept, for a watcher that lags too', async () => {
  const activity = createActivity()
  const stop = new AbortController()
  const lagging = activity.watch(stop.signal)
  await lagging.next()
  record(activity, 1, 9000)
  for (const watch of [lagging, activity.watch(stop.signal)]) {
    const ids = idsOf((await watch.next()).value)
    expect(ids).toHaveLength(maxExchanges)
    expect([ids[0], ids.at(-1)]).toEqual(['7001', '9000'])
  }
  stop.abort()
})

test('clearing says how many went and leaves none for the next watcher or the export', async () => {
  const activity = createActivity()
  record(activity, 1, 2500)
  expect(activity.clear()).toEqual({ cleared: 2000 })
  const stop = new AbortController()
  expect(idsOf((await activity.watch(stop.signal).next()).value)).toEqual([])
  expect(JSON.parse(activity.har().text)).toMatchObject({ log: { entries: [] } })
})

test('the export is HAR 1.2', () => {
  const activity = createActivity()
  record(activity, 1, 1)
  const { status: _, duration: __, ...unanswered } = exchange(2)
  activity.record({ ...unanswered, failure: 'refused', answeredBy: 'nobody', responseHeaders: {} })
  const { fileName, text } = activity.har()
  expect(fileName).toMatch(/\.har$/)
  const { log } = JSON.parse(text) as { log: { entries: object[] } }
  expect(log).toMatchObject({ version: '1.2', creator: { name: 'Chartroom', version: expect.any(String) } })
  expect(log.entries[0]).toEqual({
    startedDateTime: '2026-01-02T03:04:05.000Z',
    time: 12,
    request: {
      method: 'GET',
      url: 'http://registry.test/v2/a/tags/list?n=2&last=b%20c',
      httpVersion: 'HTTP/1.1',
      cookies: [],
      headers: [{ name: 'authorization', value: 'Basic •••' }],
      queryString: [
        { name: 'n', value: '2' },
        { name: 'last', value: 'b c' },
      ],
      headersSize: -1,
      bodySize: 0,
    },
    response: {
      status: 200,
      statusText: '',
      httpVersion: 'HTTP/1.1',
      cookies: [],
      headers: [{ name: 'content-type', value: 'application/json' }],
      content: { size: 34, mimeType: 'application/json' },
      redirectURL: '',
      headersSize: -1,
      bodySize: 34,
    },
    cache: {},
    timings: { send: 0, wait: 12, receive: 0 },
    _phase: 'tags',
    _answeredBy: 'registry',
    _demo: false,
  })
  expect(log.entries[1]).toMatchObject({ response: { status: 0 }, _failure: 'refused' })
})
