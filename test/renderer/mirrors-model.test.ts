import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseAddresses } from '../../renderer/mirrors/sources/addresses.ts'
import {
  filtered,
  grouped,
  groupingOf,
  inOrderOf,
  sorted,
  usefulGroupings,
} from '../../renderer/mirrors/arrange.ts'
import { countRowsOf, sortCountRows } from '../../renderer/mirrors/count-rows.ts'
import { csvOf } from '../../renderer/mirrors/export/csv.ts'
import { columnMark, heatGroupsOf, sharedEnd } from '../../renderer/mirrors/heat-groups.ts'
import { type NodeRow, nodeRowsOf } from '../../renderer/mirrors/node-rows.ts'
import { columnLimit, columnsOf, knownAfter } from '../../renderer/mirrors/registries.ts'
import { windowOf } from '../../renderer/state/mirror-options.ts'
import { localFailure } from '../../shared/model/local-failure.ts'
import type { Finding } from '../../shared/model/mirror-finding.ts'
import type { AgentReading, MirrorView } from '../../shared/model/mirror.ts'

function reading(name: string, fields: Partial<AgentReading> = {}): AgentReading {
  return {
    source: 's1',
    id: name,
    name,
    address: `${name}:9090`,
    demo: false,
    ok: true,
    covered: 3600,
    restarts: 0,
    counts: [],
    ...fields,
  }
}

/** A node nothing was measured of. */
function silent(name: string): AgentReading {
  const { counts: _, ...known } = reading(name, {
    ok: false,
    failure: localFailure('refused', 'scrape', 'Nothing listens there.'),
  })
  return known
}

function finding(rule: Finding['rule'], agents: string[], more: Partial<Finding> = {}): Finding {
  return {
    id: rule,
    rule,
    severity: 'bad',
    source: 's1',
    agents,
    facts: {},
    message: '',
    next: [],
    ...more,
  }
}

function viewOf(agents: AgentReading[], findings: Finding[] = []): MirrorView {
  return {
    at: Date.UTC(2026, 10, 22, 11),
    window: { kind: 'start' },
    sources: [
      {
        id: 's1',
        name: 'prod',
        kind: 'agents',
        demo: false,
        state: 'ok',
        agents: 3,
        answering: 2,
        way: 'direct',
      },
    ],
    agents,
    findings,
  }
}

const asked = (hits: number, misses: number, registry = 'docker.io') => ({
  counts: [{ registry, hits, misses }],
})
const names = (rows: readonly NodeRow[]) => rows.map((row) => row.reading.name)

describe('nodes', () => {
  it('adds up registries, and keeps unknown apart from zero', () => {
    const [busy, idle, gone] = nodeRowsOf(
      viewOf([
        reading('busy', {
          counts: [
            { registry: 'docker.io', hits: 6, misses: 2 },
            { registry: '', hits: 0, misses: 4 },
          ],
        }),
        reading('idle'),
        silent('gone'),
      ]),
    )
    expect(busy?.totals).toEqual({ hits: 6, misses: 6, requests: 12, ratio: 0.5 })
    expect(idle?.totals).toEqual({ hits: 0, misses: 0, requests: 0, ratio: undefined })
    expect(gone?.totals).toBeUndefined()
    expect(busy?.sourceName).toBe('prod')
  })

  it('has the most serious finding about itself, not one about a registry on all nodes', () => {
    const rows = nodeRowsOf(
      viewOf(
        [reading('a'), reading('b')],
        [
          finding('registry-misses', ['a', 'b'], { registry: 'docker.io' }),
          finding('never-hits', ['a']),
          finding('restarts', ['a'], { severity: 'info' }),
          finding('never-asks', ['b'], { source: 'another' }),
        ],
      ),
    )
    expect(rows.map((row) => row.finding?.rule)).toEqual(['never-hits', undefined])
  })

  it('becomes cells: no requests is not no data, and an unnamed registry is a column', () => {
    const rows = nodeRowsOf(viewOf([reading('a', asked(3, 1)), silent('b')], [finding('no-answer', ['b'])]))
    const [group] = heatGroupsOf([{ label: 'z1', rows }], ['docker.io', ''], {
      groupTitle: ({ label }) => label,
      markWords: (rule) => rule,
    })
    expect(group?.title).toBe('z1')
    expect(group?.rows.map(({ cells }) => cells)).toEqual([
      [
        { part: 3, whole: 4 },
        { part: 0, whole: 0 },
      ],
      [undefined, undefined],
    ])
    expect(group?.rows[1]?.mark).toEqual({ tone: 'bad', words: 'no-answer' })
  })

  it('has what is about a registry on all nodes at its column', () => {
    const found = [finding('registry-misses', ['a'], { registry: 'docker.io', severity: 'warn' })]
    const mark = (registry: string) => columnMark(found, registry, (rule) => rule)
    expect(mark('docker.io')).toEqual({ tone: 'warn', words: 'registry-misses' })
    expect(mark('ghcr.io')).toBeUndefined()
  })

  it('drops what all names share at their end: a domain or a port, never part of an IP address', () => {
    expect(sharedEnd(['ip-10-0-1-1.eu.internal', 'ip-10-0-1-2.eu.internal'])).toBe('.eu.internal'.length)
    expect(sharedEnd(['a-1.eu.internal:9090', 'b-1.eu.internal:9090'])).toBe('.eu.internal:9090'.length)
    expect(sharedEnd(['10.0.0.1:9090', '10.0.1.1:9090'])).toBe(':9090'.length)
    expect(sharedEnd(['10.0.0.1', '10.0.1.1'])).toBe(0)
    expect(sharedEnd(['node-1', 'node-11'])).toBe(0)
    expect(sharedEnd(['a.b', '.b'])).toBe(0)
    expect(sharedEnd(['alone.example'])).toBe(0)
  })
})

describe('columns', () => {
  const seen = (counts: [string, number][]) =>
    viewOf([reading('a', { counts: counts.map(([registry, hits]) => ({ registry, hits, misses: 0 })) })])

  it('keep their place when the window changes, and new ones follow, the busiest first', () => {
    const first = knownAfter(
      new Map(),
      seen([
        ['quay.io', 1],
        ['docker.io', 9],
        ['ghcr.io', 5],
      ]),
    )
    expect([...first.keys()]).toEqual(['docker.io', 'ghcr.io', 'quay.io'])
    const second = knownAfter(
      first,
      seen([
        ['quay.io', 99],
        ['b', 1],
        ['a', 2],
      ]),
    )
    expect([...second.keys()]).toEqual(['docker.io', 'ghcr.io', 'quay.io', 'a', 'b'])
    expect(knownAfter(second, seen([['a', 1]]))).toBe(second)
  })

  it('are bounded in number, the rest is told', () => {
    const known = knownAfter(
      new Map(),
      seen(Array.from({ length: columnLimit + 7 }, (_, index) => [`r${index}`, index])),
    )
    const { shown, hidden } = columnsOf(known)
    expect([shown.length, hidden]).toEqual([columnLimit, 7])
    expect(shown).not.toContain('r6')
    expect(knownAfter(new Map(), seen(Array.from({ length: 9000 }, (_, i) => [`r${i}`, i]))).size).toBe(2000)
  })
})

describe('order and groups', () => {
  const rows = nodeRowsOf(
    viewOf([
      reading('node-10', { ...asked(9, 1), zone: 'b', pool: 'large' }),
      reading('node-9', { ...asked(1, 9), zone: 'a' }),
      reading('node-1', { zone: 'b' }),
      reading('node-2', asked(50, 50)),
      silent('node-3'),
    ]),
  )

  it.each([
    ['ratio', ['node-9', 'node-2', 'node-10', 'node-1', 'node-3']],
    ['misses', ['node-2', 'node-9', 'node-10', 'node-1', 'node-3']],
    ['requests', ['node-2', 'node-9', 'node-10', 'node-1', 'node-3']],
    ['node', ['node-1', 'node-2', 'node-3', 'node-9', 'node-10']],
    ['zone', ['node-9', 'node-1', 'node-10', 'node-2', 'node-3']],
  ] as const)('by %s puts first what wants looking at, and the unknown last', (by, order) => {
    expect(names(sorted(rows, by))).toEqual(order)
  })

  it('sorts without losing or adding a node, whatever was counted', () => {
    const some = fc.array(fc.option(fc.tuple(fc.nat(5), fc.nat(5)), { nil: undefined }), { maxLength: 20 })
    fc.assert(
      fc.property(
        some,
        fc.constantFrom('ratio' as const, 'misses' as const, 'requests' as const),
        (all, by) => {
          const made = nodeRowsOf(
            viewOf(
              all.map((count, index) =>
                count === undefined ? silent(`n${index}`) : reading(`n${index}`, asked(...count)),
              ),
            ),
          )
          const once = sorted(made, by)
          expect([...once].sort((a, b) => a.key.localeCompare(b.key))).toEqual(
            [...made].sort((a, b) => a.key.localeCompare(b.key)),
          )
          expect(sorted(made.toReversed(), by)).toEqual(once)
        },
      ),
    )
  })

  it('keeps another order while moments pass, nodes that were not in it at the end', () => {
    const before = sorted(rows, 'node').filter(({ reading }) => reading.name !== 'node-2')
    expect(names(inOrderOf(rows, before))).toEqual(['node-1', 'node-3', 'node-9', 'node-10', 'node-2'])
  })

  it('groups by what tells something apart, nodes without a label last', () => {
    expect(usefulGroupings(rows)).toEqual(['none', 'zone', 'pool'])
    expect(grouped(rows, 'zone').map(({ label, rows }) => [label, names(rows)])).toEqual([
      ['a', ['node-9']],
      ['b', ['node-10', 'node-1']],
      [undefined, ['node-2', 'node-3']],
    ])
    expect(groupingOf(undefined, usefulGroupings(rows))).toBe('zone')
    expect(groupingOf('source', usefulGroupings(rows))).toBe('zone')
    expect(groupingOf('none', usefulGroupings(rows))).toBe('none')
    expect(groupingOf(undefined, ['none', 'zone', 'source'])).toBe('source')
  })

  it('filters nodes by any of their names, and registries by words that no node has', () => {
    const left = (filter: string) => {
      const found = filtered(rows, ['docker.io', 'ghcr.io', ''], filter, (name) => name || 'no ns')
      return [names(found.rows), found.registries]
    }
    expect(left('')).toEqual([names(rows), ['docker.io', 'ghcr.io', '']])
    expect(left('NODE-1')).toEqual([
      ['node-10', 'node-1'],
      ['docker.io', 'ghcr.io', ''],
    ])
    expect(left('large ghcr')).toEqual([['node-10'], ['ghcr.io']])
    expect(left('ns')[1]).toEqual([''])
    expect(left('nothing-like-it')[0]).toEqual([])
  })
})

describe('the table of the same numbers', () => {
  const rows = countRowsOf(
    nodeRowsOf(
      viewOf([
        reading('node-10', { ...asked(1, 1), answers: { ok: 1, notFound: 7, serverFaults: 0, other: 0 } }),
        reading('node-9', asked(9, 0)),
        reading('node-1'),
        silent('node-3'),
      ]),
    ),
    ['docker.io'],
  )

  it('keeps a row for a node without counts, and tells zero from unknown', () => {
    expect(rows.find(({ node }) => node === 'node-1')).toMatchObject({ hits: 0, ratio: undefined })
    expect(rows.find(({ node }) => node === 'node-3')?.hits).toBeUndefined()
    expect(rows.find(({ node }) => node === 'node-10')).toMatchObject({
      requests: 2,
      ratio: 0.5,
      notFound: 7,
    })
  })

  it('sorts numbers as numbers and keeps the unknown at the end in both directions', () => {
    const order = (descending: boolean) =>
      sortCountRows(rows, { column: 'hits', descending }).map(({ node }) => node)
    expect(order(true)).toEqual(['node-9', 'node-10', 'node-1', 'node-3'])
    expect(order(false)).toEqual(['node-1', 'node-10', 'node-9', 'node-3'])
    expect(sortCountRows(rows, { column: 'node', descending: false }).map(({ node }) => node)).toEqual([
      'node-1',
      'node-3',
      'node-9',
      'node-10',
    ])
  })
})

describe('the CSV', () => {
  const lines = (agents: AgentReading[]) =>
    csvOf(countRowsOf(nodeRowsOf(viewOf(agents)), ['docker.io', '=1+1', 'a"b,c']), {
      at: Date.UTC(2026, 10, 22, 11),
      window: { kind: 'last', seconds: 3600 },
    }).split('\r\n')

  it('names its window, and leaves empty what was not measured', () => {
    const [head, busy, gone, end] = lines([reading('a', asked(2, 1)), silent('b')])
    expect(head).toMatch(/^source,node,address,/)
    expect(busy).toBe(
      'prod,a,a:9090,,,docker.io,2,1,3,0.6667,,,,yes,3600,last 3600 s,2026-11-22T11:00:00.000Z',
    )
    expect(gone).toBe('prod,b,b:9090,,,,,,,,,,,no,3600,last 3600 s,2026-11-22T11:00:00.000Z')
    expect(end).toBe('')
  })

  it('quotes as RFC 4180 has it, and hands a spreadsheet no formula', () => {
    const text = lines([
      reading('a', { ...asked(1, 0, '=1+1'), zone: '@SUM(A1)' }),
      reading('b', asked(1, 0, 'a"b,c')),
    ]).join('\n')
    expect(text).toContain("'@SUM(A1),,'=1+1,")
    expect(text).toContain('"a""b,c"')
  })

  it('has as many fields in every line, whatever names hold', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (zone, pool) => {
        const [, line = ''] = lines([
          reading('a', { zone: zone.replaceAll(/[\r\n]/g, ' '), pool: pool.replaceAll(/[\r\n]/g, ' ') }),
        ])
        const outside = line.replaceAll(/"(?:[^"]|"")*"/g, '')
        expect(outside.split(',')).toHaveLength(17)
      }),
    )
  })
})

describe('the window', () => {
  it('is the preset, or what the brush chose', () => {
    expect(windowOf({ preset: 'start', range: undefined })).toEqual({ kind: 'start' })
    expect(windowOf({ preset: '24h', range: undefined })).toEqual({ kind: 'last', seconds: 86_400 })
    expect(windowOf({ preset: '24h', range: { from: 1, to: 2 } })).toEqual({
      kind: 'between',
      from: 1,
      to: 2,
    })
  })
})

describe('addresses', () => {
  it('reads one a line and names the lines that are none', () => {
    expect(
      parseAddresses('10.0.0.5:9090\n\n node-1:9090 \nnode-1:9090\nhttp://u:p@x:1\nnot one\nftp://x'),
    ).toEqual({
      agents: ['10.0.0.5:9090', 'node-1:9090'],
      problems: [
        { line: 5, text: 'http://u:p@x:1' },
        { line: 6, text: 'not one' },
        { line: 7, text: 'ftp://x' },
      ],
    })
  })
})
