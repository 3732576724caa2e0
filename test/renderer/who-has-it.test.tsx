// @vitest-environment happy-dom
import { cleanup, fireEvent, screen, waitFor, within } from '@testing-library/react'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { countNodes, sortNodes } from '../../renderer/mirrors/who-has-it/content-order.ts'
import { WhoHasIt } from '../../renderer/mirrors/who-has-it/who-has-it.tsx'
import type { ContentMap, ContentNode, ContentProgress } from '../../shared/model/content-map.ts'
import { failureError, localFailure } from '../../shared/model/local-failure.ts'
import { type Operations, windowOver } from '../fakes/window-over.tsx'

// happy-dom lays nothing out, and rows without room are not in the document
beforeAll(() => void vi.spyOn(HTMLElement.prototype, 'clientHeight', 'get').mockReturnValue(600))
afterAll(() => vi.restoreAllMocks())
afterEach(cleanup)

const digest = (letter: string) => `sha256:${letter.repeat(64)}`

function nodeThat(name: string, more: Partial<ContentNode>): ContentNode {
  return { source: 'lab', agent: name, name, holds: ['lacks', 'lacks', 'lacks'], demo: false, ...more }
}

const nodes: ContentNode[] = [
  nodeThat('node-1', {
    holds: ['has', 'has', 'has'],
    bytes: { local: 51_500_000, peers: 0, upstream: 0 },
  }),
  nodeThat('node-2', { bytes: { local: 0, peers: 51_500_000, upstream: 0 } }),
  nodeThat('node-10', {
    holds: ['not-asked', 'not-asked', 'not-asked'],
    failure: localFailure('refused', 'pull', 'Nothing listens.', { host: 'node-10:30020' }),
  }),
]

const map: ContentMap = {
  reference: 'ghcr.io/lab/one:1.0',
  manifestFrom: 'node-1',
  digest: digest('a'),
  platforms: ['linux/amd64', 'linux/arm64'],
  platform: 'linux/amd64',
  items: [
    { digest: digest('a'), kind: 'manifest', bytes: 1000 },
    { digest: digest('b'), kind: 'config', bytes: 499_000 },
    { digest: digest('c'), kind: 'layer', bytes: 51_000_000 },
  ],
  nodes,
  upstreamOnly: [],
  upstream: { host: 'ghcr.io', digest: digest('a') },
  tagsDiffer: false,
  at: 1_790_000_000_000,
}

function asks(answer: Partial<ContentMap> = {}): { operations: Operations; asked: unknown[] } {
  const asked: unknown[] = []
  return {
    asked,
    operations: {
      'registries.list': () => [],
      'mirrors.whoHasIt': async function* (input): AsyncGenerator<ContentProgress, ContentMap> {
        asked.push(input)
        yield { asked: 2, of: 3 }
        return { ...map, ...answer }
      },
    },
  }
}

async function askFor(reference: string): Promise<void> {
  fireEvent.change(await screen.findByLabelText('Image'), { target: { value: reference } })
  fireEvent.click(screen.getByRole('button', { name: 'Ask the nodes' }))
}

describe('the matrix', () => {
  test('says of every node and part who has it, and what a pull would move', async () => {
    const { operations, asked } = asks()
    windowOver(operations, <WhoHasIt sources={['lab']} />)
    await askFor(' ghcr.io/lab/one:1.0 ')
    const table = await screen.findByRole('table')
    expect(asked).toEqual([{ reference: 'ghcr.io/lab/one:1.0', sources: ['lab'] }])
    const rows = within(table).getAllByRole('row').slice(1)
    const cells = rows.map((row) =>
      within(row)
        .getAllByRole('img')
        .map((cell) => cell.getAttribute('aria-label')),
    )
    expect(cells).toEqual([
      ['has it', 'has it', 'has it'],
      ['lacks it', 'lacks it', 'lacks it'],
      ['was not asked', 'was not asked', 'was not asked'],
    ])
    expect(rows[1]?.textContent).toContain('52 MB')
    expect(rows[2]?.textContent).toContain('no data')
    expect(screen.getByText('1 node has all of it')).toBeTruthy()
    expect(screen.getByText('1 did not say')).toBeTruthy()
  })

  test('opens what a pull on a node takes from where, and why a node did not say', async () => {
    windowOver(asks().operations, <WhoHasIt sources={undefined} />)
    await askFor('ghcr.io/lab/one:1.0')
    fireEvent.click(await screen.findByRole('button', { name: 'node-2' }))
    expect(screen.getByText(/would find 0 B there, take 52 MB from peers and 0 B from upstream/)).toBeTruthy()
    fireEvent.click(screen.getByRole('button', { name: 'node-10' }))
    expect(screen.getByText(/node-10:30020/)).toBeTruthy()
    expect(screen.getByRole('button', { name: 'node-10' }).getAttribute('aria-expanded')).toBe('true')
  })

  test('says what is on no node, and that the tag is not the same everywhere', async () => {
    windowOver(
      asks({ upstreamOnly: [digest('c')], tagsDiffer: true }).operations,
      <WhoHasIt sources={undefined} />,
    )
    await askFor('ghcr.io/lab/one:1.0')
    expect(await screen.findByText('1 part is on no node: only upstream has it')).toBeTruthy()
    expect(screen.getByText(/The tag does not mean the same everywhere/)).toBeTruthy()
  })
})

test('a Failure takes the place of the map and is tried again', async () => {
  const { operations, asked } = asks()
  let fails = true
  windowOver(
    {
      ...operations,
      'mirrors.whoHasIt': async function* (input, signal) {
        if (fails) throw failureError('reference-invalid', 'input', 'That is no reference.')
        return yield* operations['mirrors.whoHasIt']?.(input, signal) as AsyncGenerator<
          ContentProgress,
          ContentMap
        >
      },
    },
    <WhoHasIt sources={undefined} />,
  )
  await askFor('Not One')
  expect(await screen.findByRole('button', { name: /again/i })).toBeTruthy()
  expect(screen.queryByRole('table')).toBeNull()
  fails = false
  fireEvent.click(screen.getByRole('button', { name: /again/i }))
  expect(await screen.findByRole('table')).toBeTruthy()
  expect(asked).toHaveLength(1)
})

test('Cancel ends the asking in the main process', async () => {
  let stopped = false
  windowOver(
    {
      'registries.list': () => [],
      'mirrors.whoHasIt': async function* (_input, signal) {
        yield { asked: 0, of: 3 }
        await new Promise((resolve) => signal?.addEventListener('abort', resolve))
        stopped = true
      },
    },
    <WhoHasIt sources={undefined} />,
  )
  await askFor('ghcr.io/lab/one:1.0')
  await screen.findByText('0 of 3 nodes asked')
  fireEvent.click(screen.getByRole('button', { name: 'Cancel' }))
  await waitFor(() => expect(stopped).toBe(true))
  expect(screen.getByText('Cancelled')).toBeTruthy()
})

describe('the order of nodes', () => {
  test.each([
    [{ column: 'node', descending: false } as const, ['node-1', 'node-2', 'node-10']],
    [{ column: 'node', descending: true } as const, ['node-10', 'node-2', 'node-1']],
    // whoever did not say is last either way
    [{ column: 'peers', descending: true } as const, ['node-2', 'node-1', 'node-10']],
    [{ column: 'peers', descending: false } as const, ['node-1', 'node-2', 'node-10']],
  ])('%j', (order, names) => {
    expect(sortNodes(nodes, order).map(({ name }) => name)).toEqual(names)
  })

  test('counts who has all, some and nothing apart from who did not say', () => {
    expect(countNodes(map)).toEqual({ all: 1, some: 0, none: 1, silent: 1 })
  })
})
