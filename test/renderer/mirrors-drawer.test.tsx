// @vitest-environment happy-dom
import { cleanup, fireEvent, screen, waitFor, within } from '@testing-library/react'
import fc from 'fast-check'
import { useState } from 'react'
import { afterEach, describe, expect, test } from 'vitest'
import { chartOf, chartRange, chartSteps, mostOf, pathOf } from '../../renderer/mirrors/drawer/chart.ts'
import { NodeDrawer } from '../../renderer/mirrors/drawer/node-drawer.tsx'
import { nodeRowsOf } from '../../renderer/mirrors/node-rows.ts'
import { failureError, localFailure } from '../../shared/model/local-failure.ts'
import type { AgentDetail } from '../../shared/model/mirror-detail.ts'
import type { AgentReading, MirrorSeries, MirrorView } from '../../shared/model/mirror.ts'
import { detailOf, findingOf, readingOf, viewedAt, viewOf } from '../fakes/mirror-views.ts'
import { type Operations, windowOver } from '../fakes/window-over.tsx'

afterEach(cleanup)

const minute = 60_000
const answers = { ok: 30, notFound: 12, serverFaults: 2, other: 0 }

const series: MirrorSeries = {
  from: viewedAt - 3 * minute - 30_000,
  to: viewedAt - 30_000,
  step: minute,
  points: [
    { at: viewedAt - 3 * minute - 30_000, hits: 5, misses: 1, answers, restarts: 0 },
    { at: viewedAt - minute - 30_000, hits: 0, misses: 7, restarts: 1 },
  ],
}

const busy = readingOf('node-1', {
  zone: 'fra-b',
  runtime: 'containerd://2.1.5',
  startedAt: viewedAt - 7_200_000,
  lastSuccessAt: viewedAt - 4 * minute,
  resolveTimeout: 20,
  counts: [{ registry: 'docker.io', hits: 300, misses: 100 }],
  answers: { ok: 410, notFound: 1204, serverFaults: 3, other: 0 },
  restarts: 1,
})
const known = detailOf(busy, {
  answers: [
    { code: '200', method: 'GET', count: 380 },
    { code: '206', method: 'GET', count: 30 },
    { code: '404', method: 'HEAD', count: 1204 },
  ],
  latency: {
    served: { count: 410, p50: 0.012, p95: 0.4, p99: 10, atLimit: true },
    notFound: { count: 1204, p50: 0.02, p95: 0.021, p99: 0.022, atLimit: false },
  },
  bytes: 2_800_000_000,
  servedToOthers: 110.4,
  resolve: { count: 300, p50: 0.003, p95: 0.02, p99: 0.02, atLimit: false },
  peers: 2,
  readiness: { ready: 200, notReady: 4 },
  advertised: [
    { what: 'image_tags', registry: 'docker.io', count: 30 },
    { what: 'image_tags', registry: 'ghcr.io', count: 12 },
  ],
  version: {
    range: '0.6 to 0.7',
    from: 'families',
    evidence: [{ seen: 'spegel_advertised_content_digests', means: '≥ 0.6' }],
  },
  peerId: '12D3KooWPeer',
})

function open(
  view: MirrorView,
  operations: Operations = {},
  { language = 'en', opened = true }: { language?: 'en' | 'zh-CN'; opened?: boolean } = {},
) {
  const [row] = nodeRowsOf(view)
  if (row === undefined) throw new Error('a view of an agent')
  function Opener() {
    const [isOpen, setOpen] = useState(opened)
    return (
      <>
        <button type="button" onClick={() => setOpen(true)}>
          opener
        </button>
        {isOpen && <NodeDrawer row={row as never} view={view} onClose={() => setOpen(false)} />}
      </>
    )
  }
  return windowOver(
    { 'mirrors.detail': () => known, 'mirrors.series': () => series, ...operations },
    <Opener />,
    { language },
  )
}

/** The value and the note of a row. */
function rowOf(name: string): string[] {
  const row = screen.getByText(name).parentElement
  return [...(row?.querySelectorAll('dd') ?? [])].map((one) => one.textContent)
}

describe('what a node counted', () => {
  test('is said with its window; 404s and 5xx stay apart, and what is worked out says how', async () => {
    const asked: unknown[] = []
    open(viewOf([busy]), {
      'mirrors.detail': (input) => (asked.push(input), known),
    })
    expect(await screen.findByText('404 answers')).toBeTruthy()
    expect(asked).toEqual([{ source: 's1', id: 'node-1', window: { kind: 'last', seconds: 3600 } }])
    expect(within(screen.getByRole('region', { name: 'Counts' })).getByText('last hour')).toBeTruthy()
    expect(rowOf('Hits')).toEqual(['300', '75% of 400'])
    expect(rowOf('404 answers')).toEqual(['1,204', 'normal'])
    expect(rowOf('5xx answers')).toEqual(['3', 'a fault'])
    expect(rowOf('Bytes of /v2/')).toEqual(['2.8 GB', 'relayed and served'])
    expect(rowOf('Served to others')[0]).toBe('about 110')
    expect(screen.getByText(/200 and 206 answers of \/v2\/ minus hits/)).toBeTruthy()
    expect(rowOf('Ready, by probes')).toEqual(['200', '4 not ready'])
    // 404s and 5xx together would be a number that means nothing
    expect(document.body.textContent).not.toContain('1,207')
  })

  test('takes as long as percentiles say, with lookups at their limit and what is never measured', async () => {
    open(viewOf([busy]))
    const table = await screen.findByRole('table', { name: /How long it took/ })
    const rows = within(table).getAllByRole('row')
    expect(rows[1]?.textContent).toMatch(/^Contentof 410, or longer12 ms400 ms10 sec$/)
    expect(rows[2]?.textContent).toMatch(/^404of 1,20420 ms21 ms22 ms$/)
    expect(rows[3]?.textContent).toMatch(/^Lookupsof 3003 ms20 ms20 ms$/)
    expect(within(table).getByText(/Lookups are at their limit of 20 ms/)).toBeTruthy()
    expect(within(table).getByText(/Only lookups that found a peer are measured/)).toBeTruthy()
  })

  test('is no zero where nothing was told', async () => {
    const bare = readingOf('node-1', { covered: 0 })
    delete bare.counts
    open(viewOf([bare]), { 'mirrors.detail': () => detailOf(bare) })
    expect(await screen.findByText('Nothing was measured in this time.')).toBeTruthy()
    for (const name of ['Hits', '404 answers', '5xx answers', 'Bytes of /v2/', 'Served to others']) {
      expect(rowOf(name)[0], name).toBe('no data')
    }
    expect(screen.getAllByText('none measured')).toHaveLength(3)
    expect(rowOf('Peers connected')[0]).toBe('not told')
    expect(rowOf('Last hit')).toEqual(['not told before Spegel 0.4'])
    expect(rowOf('Started')).toEqual(['not told'])
    expect(screen.getByText('Which Spegel it is cannot be told')).toBeTruthy()
  })

  test('says how much of the window was measured', async () => {
    const late = readingOf('node-1', { covered: 720 })
    open(viewOf([late]), { 'mirrors.detail': () => detailOf(late) })
    expect(await screen.findByText(/^12 min of 1 hr were measured/)).toBeTruthy()
  })
})

describe('how a node stands', () => {
  test('names its place, its version with the evidence, its peers and what it advertises', async () => {
    open(viewOf([busy, readingOf('node-2'), readingOf('node-3')]))
    expect(await screen.findByText('Spegel 0.6–0.7 (by its metrics)')).toBeTruthy()
    expect(screen.getByText('prod · zone fra-b · up 2 hr · 1 restart in the window')).toBeTruthy()
    expect(screen.getByText('spegel_advertised_content_digests')).toBeTruthy()
    expect(screen.getByText('≥ 0.6')).toBeTruthy()
    expect(rowOf('Peers connected')).toEqual(['2', 'of 2 others'])
    expect(rowOf('Last hit')).toEqual(['4 minutes ago'])
    expect(rowOf('Advertised image tags')[0]).toBe('42')
    expect(screen.getByText('12D3KooWPeer')).toBeTruthy()
    expect(screen.getByRole('button', { name: 'Copy Peer id' })).toBeTruthy()
  })

  test('a last success of 0 is never, not 1970', async () => {
    const cold = { ...busy, lastSuccessAt: 0 }
    open(viewOf([cold]), { 'mirrors.detail': () => detailOf(cold) })
    expect(await screen.findByText('never since its start')).toBeTruthy()
  })

  test('the worst finding is its state; what to do stands below', async () => {
    open(viewOf([busy], { findings: [findingOf(['node-1'])] }))
    const drawer = screen.getByRole('region', { name: 'Node node-1' })
    expect(within(drawer).getByText('never hits')).toBeTruthy()
    const findings = within(drawer).getByRole('list', { name: 'Findings of this node' })
    expect(within(findings).getByText('node-1 asks and never hits')).toBeTruthy()
    expect(within(findings).getByText(/mirrorResolveTimeout in the chart/)).toBeTruthy()
    expect(within(findings).getByText(/ports 5001/)).toBeTruthy()
    await screen.findByText('404 answers')
  })

  test('one that does not answer says why and when it was last seen; a simulated one is labelled', async () => {
    const gone: AgentReading = {
      ...busy,
      ok: false,
      demo: true,
      scrapedAt: viewedAt - 4 * minute,
      failure: localFailure('refused', 'scrape', 'Nothing listens.', { host: 'node-1:9090' }),
    }
    open(viewOf([gone]))
    expect(screen.getByText(/Last seen 4 minutes ago/)).toBeTruthy()
    expect(screen.getByRole('alert').textContent).toContain('node-1:9090')
    expect(screen.getByText('no answer')).toBeTruthy()
    expect(screen.getByText('Demo')).toBeTruthy()
    await screen.findByText('404 answers')
  })
})

test('a detail that cannot be had is a Failure in its place, and is tried again', async () => {
  let fails = true
  open(viewOf([busy]), {
    'mirrors.detail': (): AgentDetail => {
      if (fails) throw failureError('no-such-item', 'input', 'There is no such agent.')
      return known
    },
  })
  const alert = await screen.findByRole('alert')
  expect(screen.queryByText('404 answers')).toBeNull()
  fails = false
  fireEvent.click(within(alert).getByRole('button', { name: /again/i }))
  expect(await screen.findByText('404 answers')).toBeTruthy()
})

test('names from outside are text, however they are made', async () => {
  const hostile = '<img src=x onerror=alert(1)>\u202E' + 'n'.repeat(2000)
  const reading = readingOf(hostile, { zone: hostile, pod: hostile, runtime: hostile })
  const view = viewOf([reading], { findings: [findingOf([hostile])] })
  const { container } = open(view, {
    'mirrors.detail': () =>
      detailOf(reading, {
        peerId: hostile,
        answers: [{ code: hostile, method: hostile, count: 1 }],
        advertised: [{ what: hostile, registry: hostile, count: Number.NaN }],
        version: { range: hostile, from: 'image', evidence: [{ seen: hostile, means: hostile }] },
      }),
  })
  expect(await screen.findByText('Peer id')).toBeTruthy()
  expect(container.querySelector('img')).toBeNull()
  expect(screen.getByRole('heading', { level: 2 }).textContent).toBe(hostile)
})

describe('by keyboard', () => {
  test('Escape closes it and the focus goes back to where it was opened', async () => {
    open(viewOf([busy]), {}, { opened: false })
    const opener = screen.getByRole('button', { name: 'opener' })
    opener.focus()
    fireEvent.click(opener)
    const close = await screen.findByRole('button', { name: 'Close' })
    close.focus()
    fireEvent.keyDown(close, { key: 'Escape' })
    await waitFor(() => expect(screen.queryByRole('region', { name: 'Node node-1' })).toBeNull())
    expect(document.activeElement).toBe(opener)
  })

  test('arrow keys read the chart step by step, what was not measured too', async () => {
    open(viewOf([busy]))
    const chart = await screen.findByRole('slider')
    const said = () => chart.getAttribute('aria-valuetext')
    fireEvent.keyDown(chart, { key: 'Home' })
    expect(said()).toMatch(/: 5 hits, 1 misses, 12 404s, 2 5xx$/)
    fireEvent.keyDown(chart, { key: 'ArrowRight' })
    expect(said()).toMatch(/: not measured$/)
    fireEvent.keyDown(chart, { key: 'ArrowRight' })
    expect(said()).toMatch(/: 0 hits, 7 misses, began anew$/)
    fireEvent.keyDown(chart, { key: 'ArrowRight' })
    expect(chart.getAttribute('aria-valuenow')).toBe('2')
    expect(screen.getByText('at most 7')).toBeTruthy()
  })
})

test('speaks Chinese', async () => {
  open(viewOf([busy]), {}, { language: 'zh-CN' })
  expect(await screen.findByText('404 应答')).toBeTruthy()
  expect(screen.getByText('4分钟前')).toBeTruthy()
  expect(document.body.textContent).not.toMatch(/drawer\.|counts\.|present\./)
})

describe('the chart', () => {
  test.each([
    ['since the start', { kind: 'start' } as const, 60],
    ['of five minutes', { kind: 'last', seconds: 300 } as const, 5],
  ])('%s ends with the minute that is not over yet', (_, window, minutes) => {
    const range = chartRange(window, viewedAt)
    expect(range.to).toBe(viewedAt + 30_000)
    expect(range.to - range.from).toBe(minutes * minute)
  })

  test('of a range is the range', () => {
    expect(chartRange({ kind: 'between', from: 5, to: 9 }, viewedAt)).toEqual({ from: 5, to: 9 })
  })

  test('breaks its line where nothing was measured', () => {
    const chart = chartOf(series)
    expect(chart.gaps).toEqual([{ from: 1, to: 2 }])
    expect(chart.restarts).toEqual([2])
    expect(mostOf(chart, [({ misses }) => misses])).toBe(7)
    expect(pathOf(chart, ({ misses }) => misses, 7)).toBe('M0 84.3H1M2 2.0H3')
    expect(pathOf(chart, ({ answers: of }) => of?.serverFaults, 0)).toMatch(/^M0 [-\d.]+H1$/)
  })

  test('has a place for every step, whatever points there are', () => {
    fc.assert(
      fc.property(
        fc.record({
          from: fc.integer({ min: 0, max: 10_000 }),
          length: fc.integer({ min: 1, max: 100_000 }),
          step: fc.constantFrom(15, 60, 300, 3600),
          at: fc.array(fc.integer({ min: -1000, max: 200_000 }), { maxLength: 50 }),
        }),
        ({ from, length, step, at }) => {
          const points = at.map((moment) => ({ at: moment, hits: 1, misses: 2, restarts: 0 }))
          const chart = chartOf({ from, to: from + length, step, points })
          expect(chart.points.length).toBeGreaterThan(0)
          expect(chart.points.length).toBeLessThanOrEqual(chartSteps + 2)
          const measured = chart.points.filter((point) => point !== undefined).length
          const missing = chart.gaps.reduce((sum, gap) => sum + gap.to - gap.from, 0)
          expect(measured + missing).toBe(chart.points.length)
          expect(pathOf(chart, ({ hits }) => hits, 1)).not.toMatch(/NaN|Infinity/)
        },
      ),
    )
  })
})
