import { describe, expect, it } from 'vitest'
import { createActivity } from '../../electron/activity/activity.ts'
import { createNews } from '../../electron/activity/news.ts'
import type { Exchange } from '../../shared/model/exchange.ts'

function scrape(more: Partial<Exchange> = {}): Exchange {
  return {
    id: '1',
    startedAt: 0,
    phase: 'scrape',
    method: 'GET',
    url: 'http://10.0.0.5:9090/metrics',
    host: '10.0.0.5:9090',
    status: 200,
    bytesSent: 0,
    bytesReceived: 34,
    answeredBy: 'agent',
    requestHeaders: {},
    responseHeaders: {},
    demo: false,
    ...more,
  }
}

function refused(more: Partial<Exchange> = {}): Exchange {
  const { status: _, ...nobody } = scrape({ answeredBy: 'nobody', failure: 'refused', ...more })
  return nobody
}

describe('news among exchanges', () => {
  it('are the first scrape of an address, the first that fails, and the first that answers again', () => {
    const news = createNews()
    const rounds = [scrape(), scrape(), refused(), refused(), scrape({ status: 503 }), scrape(), scrape()]
    expect(rounds.map(news.has)).toEqual([true, false, true, false, true, true, false])
  })

  it('are told apart by address, whatever the query says of the time', () => {
    const news = createNews()
    const queries = ['?query=up&time=1', '?query=up&time=2']
    const asked = queries.map((query) => scrape({ url: `http://10.0.0.9:9090/api/v1/query${query}` }))
    expect([...asked, scrape(), scrape({ url: 'http://10.0.0.6:9090/metrics' })].map(news.has)).toEqual([
      true,
      false,
      true,
      true,
    ])
  })

  it('are all that is no scrape', () => {
    const news = createNews()
    expect([scrape({ phase: 'tags' }), scrape({ phase: 'tags' })].map(news.has)).toEqual([true, true])
  })

  it('begin anew for an address nobody asked for a long time', () => {
    const news = createNews()
    const others = Array.from({ length: 10_000 }, (_, n) => scrape({ url: `http://agent-${n}:9090/metrics` }))
    expect(news.has(scrape())).toBe(true)
    others.forEach(news.has)
    expect(news.has(scrape())).toBe(true)
  })
})

describe('the activity', () => {
  it('of five hundred agents over an hour leaves room for all else, and shows who fails', async () => {
    const activity = createActivity()
    activity.record(scrape({ id: 'push', phase: 'upload-body' }))
    for (let round = 0; round < 240; round += 1) {
      for (let agent = 0; agent < 500; agent += 1) {
        const made = agent === 7 && round >= 100 ? refused : scrape
        activity.record(made({ id: `${round} ${agent}`, url: `http://agent-${agent}:9090/metrics` }))
      }
    }
    const { value } = await activity.watch(new AbortController().signal).next()
    const ids = (value ?? []).map(({ id }) => id)
    expect(ids).toHaveLength(502)
    expect(ids[0]).toBe('push')
    expect(ids.at(-1)).toBe('100 7')
  })

  it('that was cleared shows the next scrape again', async () => {
    const activity = createActivity()
    activity.record(scrape({ id: 'before' }))
    activity.clear()
    activity.record(scrape({ id: 'after' }))
    const { value } = await activity.watch(new AbortController().signal).next()
    expect(value?.map(({ id }) => id)).toEqual(['after'])
  })
})
