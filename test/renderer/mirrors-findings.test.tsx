// @vitest-environment happy-dom
import { cleanup, fireEvent, screen, within } from '@testing-library/react'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { findingReport } from '../../renderer/mirrors/findings/finding-report.ts'
import { FindingsPanel } from '../../renderer/mirrors/findings/findings-panel.tsx'
import { openedFinding, rowsOf } from '../../renderer/mirrors/findings/narrowed.ts'
import { MirrorsScreen } from '../../renderer/mirrors/mirrors-screen.tsx'
import { nodeRowsOf } from '../../renderer/mirrors/node-rows.ts'
import type { Finding } from '../../shared/model/mirror-finding.ts'
import type { MirrorView } from '../../shared/model/mirror.ts'
import { detailOf, findingOf, readingOf, sourceOf, viewedAt, viewOf } from '../fakes/mirror-views.ts'
import { windowOver } from '../fakes/window-over.tsx'

/** A window that every media query fits, or none. */
function windowThat(matches: boolean): void {
  vi.spyOn(window, 'matchMedia').mockImplementation(
    (media) =>
      ({
        matches,
        media,
        addEventListener: () => {},
        removeEventListener: () => {},
      }) as unknown as MediaQueryList,
  )
}

beforeEach(() => windowThat(false))
afterEach(() => {
  cleanup()
  vi.restoreAllMocks()
})

const nodes = Array.from({ length: 17 }, (_, index) => readingOf(`node-${index + 1}`))
const one = findingOf(['node-3'])
const many = findingOf(
  nodes.map(({ id }) => id),
  {
    id: 'many',
    rule: 'not-ready',
    severity: 'warn',
    facts: { count: 17, agent: 'node-1', cause: 'no-peers' },
    next: ['check-bootstrap'],
  },
)

function panel(view: MirrorView, language: 'en' | 'zh-CN' = 'en') {
  const opened: Finding[] = []
  const selected: unknown[] = []
  windowOver(
    {},
    <FindingsPanel
      view={view}
      current={undefined}
      onOpen={(finding) => opened.push(finding)}
      onSelect={(agent) => selected.push(agent)}
    />,
    { language },
  )
  return { opened, selected }
}

test('ranked as they come, each with its numbers and what to do first', () => {
  panel(viewOf(nodes, { findings: [one, many] }))
  const items = within(screen.getByRole('region', { name: 'Findings, the most serious first' }))
    .getAllByRole('heading', { level: 3 })
    .map((heading) => heading.textContent)
  expect(items).toEqual(['node-3 asks and never hits', '17 agents are not ready'])
  expect(screen.getByText(/1,204 HTTP requests since the start, all of them misses/)).toBeTruthy()
  expect(screen.getByText(/Raise spegel.mirrorResolveTimeout/)).toBeTruthy()
  // of two steps the first stands there, of one there is no more
  expect(screen.getAllByText('1 more step')).toHaveLength(1)
})

test('one about many nodes names them on request; any of them opens', () => {
  const { opened, selected } = panel(viewOf(nodes, { findings: [many] }))
  fireEvent.click(screen.getByText('17 nodes'))
  fireEvent.click(screen.getByRole('button', { name: 'node-11' }))
  expect(selected).toEqual([{ source: 's1', id: 'node-11' }])
  fireEvent.click(screen.getByRole('button', { name: '17 agents are not ready' }))
  expect(opened).toEqual([many])
})

test('a fleet is named a hundred nodes at a time, and 5,000 findings do not fill the document', () => {
  const fleet = Array.from({ length: 2000 }, (_, index) => `node-${index}`)
  const findings = Array.from({ length: 5000 }, (_, index) => findingOf(['node-1'], { id: `f${index}` }))
  panel(viewOf([], { findings: [{ ...many, agents: fleet }, ...findings] }))
  fireEvent.click(screen.getByText('2,000 nodes'))
  expect(screen.getAllByRole('button', { name: /^node-\d+$/ })).toHaveLength(100)
  fireEvent.click(screen.getByRole('button', { name: '1,900 more' }))
  expect(screen.getAllByRole('button', { name: /^node-\d+$/ })).toHaveLength(200)
  expect(screen.getAllByRole('heading', { level: 3 })).toHaveLength(200)
  expect(screen.getByText('4801 more findings; the export has them.')).toBeTruthy()
})

test('nothing to find says what was looked at', () => {
  panel(viewOf(nodes))
  expect(screen.getByText('Nothing stands out')).toBeTruthy()
  expect(screen.getByText(/14 rules looked at 17 agents.*last hour/)).toBeTruthy()
})

test('folded up in a small window, and open when asked', () => {
  windowThat(true)
  panel(viewOf(nodes, { findings: [one] }))
  const head = screen.getByRole('button', { name: /^Findings/ })
  expect(head.getAttribute('aria-expanded')).toBe('false')
  expect(screen.queryByText('node-3 asks and never hits')).toBeNull()
  fireEvent.click(head)
  expect(screen.getByText('node-3 asks and never hits')).toBeTruthy()
})

test('speaks Chinese', () => {
  panel(viewOf(nodes, { findings: [one, many] }), 'zh-CN')
  expect(screen.getByText('17 个节点')).toBeTruthy()
  expect(screen.getAllByText('复制报告')).toHaveLength(2)
})

test('names from outside are text', () => {
  const hostile = '<img src=x onerror=alert(1)>'
  panel(
    viewOf([readingOf(hostile), readingOf('b')], {
      findings: [findingOf([hostile, 'b'], { facts: { count: 1, agent: hostile, cause: hostile } })],
    }),
  )
  expect(document.querySelector('img')).toBeNull()
  expect(screen.getByText(`${hostile} asks and never hits`)).toBeTruthy()
})

describe('a report', () => {
  test('has the sentence, the rule, where, the numbers and the steps', () => {
    expect(findingReport({ ...one, registry: 'docker.io' }, 'prod')).toBe(
      [
        'node-3: 1204 requests and no hit.',
        'rule: never-hits (bad)',
        'cluster: prod',
        'agents: node-3',
        'registry: docker.io',
        'count: 1',
        'agent: node-3',
        'cause: others-hit',
        'requests: 1204',
        'next: raise-resolve-timeout, check-peer-network',
      ].join('\n'),
    )
  })

  test('names 50 of many agents', () => {
    const report = findingReport(
      { ...many, agents: Array.from({ length: 2000 }, (_, index) => `n${index}`) },
      'prod',
    )
    expect(report).toContain('n49 and 1950 more')
    expect(report).not.toContain('n50,')
  })
})

describe('opening a finding', () => {
  test.each([
    [
      'of one node opens it',
      one,
      undefined,
      { finding: undefined, selected: { source: 's1', id: 'node-3' } },
    ],
    ['of many shows them alone', many, undefined, { finding: 'many' }],
    ['again shows all', many, 'many', { finding: undefined }],
    [
      'of a registry narrows the columns',
      { ...many, registry: 'ghcr.io' },
      undefined,
      { finding: 'many', filter: 'ghcr.io' },
    ],
    [
      'of a registry again widens them',
      { ...many, registry: 'ghcr.io' },
      'many',
      { finding: undefined, filter: '' },
    ],
    [
      'of requests without a registry filters nothing',
      { ...many, registry: '' },
      undefined,
      { finding: 'many' },
    ],
  ])('%s', (_, finding, current, change) => {
    expect(openedFinding(finding, current)).toEqual(change)
  })

  test('leaves the rows it is about; all of its source where it names none', () => {
    const rows = nodeRowsOf(viewOf([...nodes, readingOf('elsewhere', { source: 's2' })]))
    const idsOf = (finding: Finding | undefined) => rowsOf(rows, finding).map(({ reading }) => reading.id)
    expect(idsOf(undefined)).toHaveLength(18)
    expect(idsOf(one)).toEqual(['node-3'])
    expect(idsOf(findingOf([], { rule: 'clock-skew' }))).not.toContain('elsewhere')
    expect(idsOf(findingOf([], { rule: 'clock-skew' }))).toHaveLength(17)
  })
})

test('on the screen it narrows the table, says so, and lets go', async () => {
  const few = findingOf(['node-2', 'node-5'], { id: 'few' })
  windowOver(
    {
      'settings.get': () => ({ theme: 'system', language: 'system', uploadMode: 'auto', scrapeSeconds: 15 }),
      'mirrors.sources': () => [sourceOf('s1')],
      'mirrors.watch': async function* (_input, signal): AsyncGenerator<MirrorView> {
        yield viewOf(nodes, { findings: [few, one] })
        await new Promise((resolve) => signal?.addEventListener('abort', resolve))
      },
      'mirrors.series': () => ({ from: viewedAt - 3_600_000, to: viewedAt, step: 60_000, points: [] }),
      'mirrors.detail': () => detailOf(readingOf('node-3')),
    },
    <MirrorsScreen />,
  )
  fireEvent.click(await screen.findByRole('button', { name: '2 nodes ask and never hit' }))
  expect(screen.getByText('2 of 17 nodes')).toBeTruthy()
  expect(screen.getByRole('button', { name: '2 nodes ask and never hit' }).getAttribute('aria-pressed')).toBe(
    'true',
  )
  fireEvent.click(screen.getByRole('button', { name: 'Show all nodes again' }))
  expect(screen.getByText('17 nodes')).toBeTruthy()
  fireEvent.click(screen.getByRole('button', { name: 'node-3 asks and never hits' }))
  expect(await screen.findByRole('region', { name: 'Node node-3' })).toBeTruthy()
  fireEvent.keyDown(document.body, { key: 'Escape' })
  expect(screen.queryByRole('region', { name: 'Node node-3' })).toBeNull()
})
