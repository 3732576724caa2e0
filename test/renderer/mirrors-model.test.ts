import { describe, expect, it } from 'vitest'
import { parseAddresses, shortAddress } from '../../renderer/mirrors/addresses.ts'
import { countRowsOf, sortCountRows } from '../../renderer/mirrors/count-rows.ts'
import { findingsOf, missesThatTell } from '../../renderer/mirrors/findings.ts'
import { columnLimit, hitMapOf } from '../../renderer/mirrors/hit-map.ts'
import { stepOf } from '../../renderer/parts/heat-map.tsx'
import { localFailure } from '../../shared/model/local-failure.ts'
import type { AgentReading } from '../../shared/model/mirror.ts'

function reading(agent: string, fields: Partial<AgentReading> = {}): AgentReading {
  return { agent, ok: true, sinceStart: [], demo: false, ...fields }
}

const silent = reading('c:9090', {
  ok: false,
  failure: localFailure('refused', 'scrape', 'Nothing listens there.'),
  sinceStart: [{ registry: 'docker.io', hits: 5, misses: 5 }],
})

describe('the hit map', () => {
  const readings = [
    reading('a:9090', {
      sinceStart: [
        { registry: 'docker.io', hits: 75, misses: 25 },
        { registry: 'ghcr.io', hits: 0, misses: 0 },
        { registry: '', hits: 0, misses: 4 },
      ],
      interval: { seconds: 15, counts: [{ registry: 'docker.io', hits: 0, misses: 9 }], reset: false },
    }),
    reading('b:9090', { sinceStart: [{ registry: 'docker.io', hits: 0, misses: 25 }] }),
    silent,
  ]

  it('colours by ratio, measures by the square root of the requests, and puts the busiest first', () => {
    const map = hitMapOf(readings, 'start')
    expect(map.registries).toEqual(['docker.io', '', 'ghcr.io'])
    expect(map.rows[0]?.cells[0]).toMatchObject({ state: 'counted', ratio: 0.75, length: 1 })
    expect(map.rows[1]?.cells[0]).toMatchObject({ state: 'counted', ratio: 0, length: 0.5 })
  })

  it('tells no requests from no data: neither is a ratio of zero', () => {
    const map = hitMapOf(readings, 'start')
    expect(map.rows[0]?.cells[2]).toEqual({ state: 'no-requests' })
    expect(map.rows[1]?.cells[1]).toEqual({ state: 'no-requests' })
    expect(map.rows[2]?.cells.every(({ state }) => state === 'no-data')).toBe(true)
  })

  it('keeps the columns when the window changes, and has no data where no interval was measured', () => {
    const map = hitMapOf(readings, 'interval')
    expect(map.registries).toEqual(['docker.io', '', 'ghcr.io'])
    expect(map.rows[0]?.cells[0]).toMatchObject({ hits: 0, misses: 9, length: 1 })
    expect(map.rows[1]?.cells[0]).toEqual({ state: 'no-data' })
  })

  it('draws a bounded number of columns and says how many it left out', () => {
    const sinceStart = Array.from({ length: columnLimit + 7 }, (_, index) => ({
      registry: `r${index}`,
      hits: index,
      misses: 0,
    }))
    const map = hitMapOf([reading('a', { sinceStart })], 'start')
    expect(map.registries).toHaveLength(columnLimit)
    expect(map.hidden).toBe(7)
  })

  it('uses the whole ramp', () => {
    expect([0, 0.2, 0.5, 0.99, 1].map(stepOf)).toEqual([0, 1, 3, 5, 5])
  })
})

describe('the table of the same numbers', () => {
  const rows = countRowsOf(
    [
      reading('node-10', { sinceStart: [{ registry: 'docker.io', hits: 1, misses: 1 }] }),
      reading('node-9', { sinceStart: [{ registry: 'docker.io', hits: 9, misses: 0 }] }),
      reading('node-1'),
      silent,
    ],
    'start',
  )

  it('keeps a row for an agent without counts, and tells zero from unknown', () => {
    expect(rows.find(({ agent }) => agent === 'node-1')).toMatchObject({ hits: 0, ratio: undefined })
    expect(rows.find(({ agent }) => agent === 'c:9090')?.hits).toBeUndefined()
  })

  it('sorts numbers as numbers and keeps the unknown at the end in both directions', () => {
    const names = (descending: boolean) =>
      sortCountRows(rows, { column: 'hits', descending }).map(({ agent }) => agent)
    expect(names(true)).toEqual(['node-9', 'node-10', 'node-1', 'c:9090'])
    expect(names(false)).toEqual(['node-1', 'node-10', 'node-9', 'c:9090'])
    expect(sortCountRows(rows, { column: 'agent', descending: false }).map(({ agent }) => agent)).toEqual([
      'c:9090',
      'node-1',
      'node-9',
      'node-10',
    ])
  })
})

describe('findings', () => {
  const kinds = (fields: Partial<AgentReading>) => findingsOf(reading('a', fields)).map(({ kind }) => kind)

  it.each([
    ['no answer, and nothing about counts it cannot know', { ...silent, serverFaults: 9 }, ['no-answer']],
    ['5xx first', { serverFaults: 2, sinceStart: [] }, ['server-faults', 'never-asked']],
    ['never hits', { sinceStart: [{ registry: 'r', hits: 0, misses: missesThatTell }] }, ['never-hits']],
    ['a first pull is no finding', { sinceStart: [{ registry: 'r', hits: 0, misses: 5 }] }, []],
    ['one hit is a hit', { sinceStart: [{ registry: 'r', hits: 1, misses: 5000 }] }, []],
    [
      'a restart',
      {
        sinceStart: [{ registry: 'r', hits: 1, misses: 0 }],
        interval: { seconds: 15, counts: [], reset: true },
      },
      ['restarted'],
    ],
  ] satisfies [string, Partial<AgentReading>, string[]][])('%s', (_name, fields, expected) => {
    expect(kinds(fields)).toEqual(expected)
  })
})

describe('addresses as people type them', () => {
  it('takes every spelling, skips empty lines and counts a repeated one once', () => {
    const text =
      '10.0.0.5:9090\n\n node-1:9090 \nhttp://node-2:9090/metrics\n[fd00::1]:9090\n10.0.0.5:9090\r\n'
    expect(parseAddresses(text)).toEqual({
      agents: ['10.0.0.5:9090', 'node-1:9090', 'http://node-2:9090/metrics', '[fd00::1]:9090'],
      problems: [],
    })
  })

  it.each(['a b', 'ftp://node:21', 'node:99999', 'http://', 'user:secret@node:9090', 'a,b', 'x'.repeat(600)])(
    'names the line of "%s"',
    (bad) => {
      expect(parseAddresses(`good:9090\n${bad}`)).toMatchObject({
        agents: ['good:9090'],
        problems: [{ line: 2 }],
      })
    },
  )

  it('names a row without what all addresses share', () => {
    expect(shortAddress('http://node-2:9090/metrics')).toBe('node-2:9090')
    expect(shortAddress('https://node-2/spegel/metrics')).toBe('https://node-2/spegel')
  })
})
