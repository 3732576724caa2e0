import { describe, expect, it } from 'vitest'
import { blobOf, exchangeEntries, extentOf, shapeOf } from '../../renderer/publish/exchange-entries.ts'
import { cleanPath, pathProblem, targetReference } from '../../renderer/publish/target.ts'
import type { Exchange } from '../../shared/model/exchange.ts'

const metadata = { apiVersion: 'v2', name: 'cart', version: '2.14.1+build.7' }

describe('where a chart goes', () => {
  it('joins host, path and name, and writes the version as Helm does', () => {
    expect(targetReference('https://harbor.example:8443/', 'team/charts', metadata)).toEqual({
      registry: 'harbor.example:8443',
      repository: 'team/charts/cart',
      tag: '2.14.1_build.7',
    })
    expect(targetReference('http://10.0.0.7:5000', '', metadata).repository).toBe('cart')
  })

  it.each([
    ['', undefined],
    ['charts', undefined],
    ['team/charts', undefined],
    ['UPPER', 'path'],
    ['a//b', 'path'],
    ['../x', 'path'],
    ['a'.repeat(252), 'repository'],
  ])('finds the problem of the path "%s"', (path, problem) => {
    expect(pathProblem(path, metadata)).toBe(problem)
  })

  it('names the chart as the problem where its name cannot be a repository', () => {
    expect(pathProblem('charts', { ...metadata, name: 'Cart' })).toBe('repository')
  })

  it('forgives the slashes people put around a path', () => {
    expect(cleanPath(' /charts/team/ ')).toBe('charts/team')
  })
})

describe('the timeline of an upload', () => {
  const exchange = (fields: Partial<Exchange>): Exchange => ({
    id: 'x',
    startedAt: 1000,
    duration: 10,
    phase: 'blob',
    method: 'HEAD',
    url: 'http://host/v2/',
    host: 'host',
    status: 200,
    bytesSent: 0,
    bytesReceived: 0,
    answeredBy: 'registry',
    requestHeaders: {},
    responseHeaders: {},
    demo: false,
    ...fields,
  })

  it('counts from the first request, whichever ended first', () => {
    const entries = exchangeEntries([
      exchange({ id: 'later', startedAt: 1040, duration: 5 }),
      exchange({ id: 'first', startedAt: 1000, duration: 100 }),
    ])
    expect(entries.map(({ exchange: { id }, start }) => [id, start])).toEqual([
      ['first', 0],
      ['later', 40],
    ])
    expect(extentOf(entries)).toBe(100)
  })

  it.each([
    ['a blob that is not there yet', { status: 404 }, 'quiet'],
    ['a challenge', { status: 401, failure: 'unauthorized' }, 'quiet'],
    ['a missing manifest', { status: 404, phase: 'verify', method: 'GET' }, 'bad'],
    ['a refused body', { status: 400, phase: 'upload-body', method: 'PATCH' }, 'bad'],
    ['a 2xx', { status: 201 }, 'good'],
    ['a 2xx that failed on the way', { status: 201, failure: 'connection-lost' }, 'bad'],
  ] satisfies [string, Partial<Exchange>, string][])('tells %s', (_name, fields, tone) => {
    expect(exchangeEntries([exchange(fields)])[0]?.tone).toBe(tone)
  })

  it('takes no answer as bad', () => {
    const { status: _, ...silent } = exchange({})
    expect(exchangeEntries([silent])[0]?.tone).toBe('bad')
  })

  it('shows a fallback at the refused body it followed, and what was asked again', () => {
    const at = (startedAt: number, fields: Partial<Exchange>) =>
      exchange({ id: `at-${startedAt}`, startedAt, url: `http://host/${startedAt}`, ...fields })
    const fallback = { from: 'streamed-patch', to: 'buffered', because: 'refused' } as const
    const entries = exchangeEntries(
      [
        at(1, { phase: 'upload-session', method: 'POST', status: 202 }),
        at(2, { phase: 'upload-body', method: 'PATCH', status: 400 }),
        at(3, { phase: 'upload-session', method: 'POST', status: 202 }),
        at(4, { phase: 'upload-body', method: 'PUT', status: 201 }),
      ],
      [fallback],
    )
    expect(entries.map((entry) => [entry.exchange.id, entry.again, entry.fallback])).toEqual([
      ['at-1', false, undefined],
      ['at-2', false, fallback],
      ['at-3', true, undefined],
      ['at-4', false, undefined],
    ])
  })

  it('takes a look at the manifest for reading back only once it was put', () => {
    const entries = exchangeEntries([
      exchange({ phase: 'manifest', startedAt: 1 }),
      exchange({ phase: 'manifest-put', method: 'PUT', startedAt: 2 }),
      exchange({ phase: 'manifest', startedAt: 3 }),
    ])
    expect(entries.map(({ readsBack }) => readsBack)).toEqual([false, false, true])
  })

  it('does not take giving up a session for asking again', () => {
    const entries = exchangeEntries([
      exchange({ phase: 'upload-body', method: 'PATCH', status: 400 }),
      exchange({ phase: 'upload-session', method: 'DELETE', status: 204, startedAt: 1010 }),
    ])
    expect(entries.map(({ again }) => again)).toEqual([false, false])
  })

  it('takes the same request after a refusal for a retry', () => {
    const entries = exchangeEntries([
      exchange({ id: 'first', status: 503 }),
      exchange({ id: 'second', startedAt: 1020 }),
    ])
    expect(entries.map(({ again }) => again)).toEqual([false, true])
  })

  it('names the blob by the digest in its address', () => {
    const digest = `sha256:${'a'.repeat(64)}`
    expect(blobOf(exchange({ url: `http://h/v2/c/blobs/${digest}` }), digest)).toBe('chart')
    expect(blobOf(exchange({ url: `http://h/u?digest=sha256%3A${'a'.repeat(64)}` }), digest)).toBe('chart')
    expect(blobOf(exchange({ url: `http://h/v2/c/blobs/sha256:${'b'.repeat(64)}` }), digest)).toBe('config')
    expect(blobOf(exchange({ url: 'http://h/v2/c/blobs/uploads/1' }), digest)).toBeUndefined()
  })

  it.each([
    ['PATCH', { 'content-range': '0-9' }, ['chunked'], 'chunk'],
    ['PATCH', {}, ['streamed-patch'], 'streamed'],
    ['PUT', {}, ['streamed-patch', 'buffered'], 'buffered'],
    ['PUT', {}, ['streamed-put'], 'streamed'],
    ['PUT', {}, ['streamed-put', 'buffered'], 'bytes'],
  ] as const)('says of a %s with %o only what is known', (method, requestHeaders, tried, shape) => {
    expect(shapeOf(exchange({ method, requestHeaders }), new Set(tried))).toBe(shape)
  })
})
