import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type Geometry,
  geometryOf,
  lettersOf,
  placeAt,
  shortened,
} from '../../renderer/parts/heat-map/geometry.ts'
import { moved } from '../../renderer/parts/heat-map/keys.ts'
import {
  bandSizeAt,
  defaultRowHeight,
  fittingRowHeight,
  heightAt,
  layoutOf,
  lineIndexAt,
  lineOfRow,
  type RowsLine,
} from '../../renderer/parts/heat-map/layout.ts'
import {
  type HeatCell,
  type HeatGroup,
  type HeatRow,
  lengthOf,
  stepOf,
  sumOfCells,
  worstMark,
} from '../../renderer/parts/heat-map/model.ts'
import { paint } from '../../renderer/parts/heat-map/paint.ts'
import type { Palette } from '../../renderer/parts/heat-map/palette.ts'
import { paintedBy } from '../fakes/painted.ts'

function row(id: string, cells: readonly (HeatCell | undefined)[], more: Partial<HeatRow> = {}): HeatRow {
  return { id, title: id, cells, ...more }
}

function rowsOf(count: number, prefix = 'n'): HeatRow[] {
  return Array.from({ length: count }, (_, index) => row(`${prefix}${index}`, [{ part: 1, whole: 2 }]))
}

function laidOut(groups: readonly HeatGroup[], rowHeight: number, columns = 1) {
  return layoutOf(groups, { rowHeight, columns, bandTitle: (rows) => `${rows} nodes` })
}

const rowLines = (groups: readonly HeatGroup[], rowHeight: number) =>
  laidOut(groups, rowHeight).lines.filter((line): line is RowsLine => line.kind === 'rows')

describe('what a cell says', () => {
  it('uses the whole ramp', () => {
    expect([0, 0.2, 0.5, 0.99, 1].map(stepOf)).toEqual([0, 1, 3, 5, 5])
  })

  it('measures by the square root beside the busiest, so 1 of 1 is not 10,000 of 10,000', () => {
    expect(lengthOf({ part: 1, whole: 1 }, 10_000)).toBe(0.01)
    expect(lengthOf({ part: 2500, whole: 2500 }, 10_000)).toBe(0.5)
    expect(lengthOf({ part: 0, whole: 10_000 }, 10_000)).toBe(1)
    expect(lengthOf({ part: 0, whole: 0 }, 0)).toBe(0)
  })

  it('adds up what was measured, and nothing measured stays unknown', () => {
    const rows = [row('a', [{ part: 1, whole: 4 }, undefined]), row('b', [{ part: 2, whole: 2 }, undefined])]
    expect(sumOfCells(rows, 2)).toEqual([{ part: 3, whole: 6 }, undefined])
    expect(sumOfCells([row('a', [undefined]), row('b', [{ part: 0, whole: 0 }])], 1)).toEqual([
      { part: 0, whole: 0 },
    ])
  })

  it('shows the worst mark of a band', () => {
    const marked = (tone: 'bad' | 'warn' | 'info') => row(tone, [], { mark: { tone, words: tone } })
    expect(worstMark([marked('info'), marked('warn'), marked('bad'), marked('warn')])?.words).toBe('bad')
    expect(worstMark(rowsOf(3))).toBeUndefined()
  })
})

describe('the layout', () => {
  it('gives every row a line of its own down to 5 px, and bands below', () => {
    expect([44, 20, 5].map(bandSizeAt)).toEqual([1, 1, 1])
    expect([4.9, 3, 2.9, 0.2].map(bandSizeAt)).toEqual([4, 4, 8, 64])
    const [first] = rowLines([{ id: 'all', rows: rowsOf(8) }], 3)
    expect(first).toMatchObject({ title: '4 nodes', height: 12, cells: [{ part: 4, whole: 8 }] })
  })

  it('never puts rows of two groups into one band, and shares a group out evenly', () => {
    const groups = [
      { id: 'a', title: 'a', rows: rowsOf(5, 'a') },
      { id: 'b', title: 'b', rows: rowsOf(3, 'b') },
    ]
    expect(rowLines(groups, 3).map(({ rows }) => rows.map(({ id }) => id))).toEqual([
      ['a0', 'a1'],
      ['a2', 'a3', 'a4'],
      ['b0', 'b1', 'b2'],
    ])
  })

  it('loses no row and no request at any height, and its lines never overlap', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 70 }), { minLength: 1, maxLength: 5 }),
        fc.double({ min: 0.05, max: 44, noNaN: true }),
        (sizes, rowHeight) => {
          const groups = sizes.map((size, index) => ({
            id: String(index),
            title: index % 2 === 0 ? 'a group' : undefined,
            rows: rowsOf(size, `${index}-`),
          }))
          const layout = laidOut(groups, rowHeight)
          const lines = layout.lines.filter((line): line is RowsLine => line.kind === 'rows')
          const all = groups.flatMap(({ rows }) => rows)
          expect(lines.flatMap(({ rows }) => rows)).toEqual(all)
          expect(lines.reduce((sum, { cells }) => sum + (cells[0]?.whole ?? 0), 0)).toBe(2 * all.length)
          let bottom = 0
          for (const line of layout.lines) {
            expect(line.y).toBeGreaterThanOrEqual(bottom - 1e-6)
            bottom = line.y + line.height
          }
          expect(layout.height).toBeCloseTo(heightAt(groups, rowHeight), 3)
          expect(layout.busiest).toBe(Math.max(0, ...lines.map(({ cells }) => cells[0]?.whole ?? 0)))
        },
      ),
    )
  })

  it('fits 2,000 rows of five zones into a window, and keeps 20 px where there is room', () => {
    const zones = Array.from({ length: 5 }, (_, index) => ({
      id: String(index),
      title: 'zone',
      rows: rowsOf(400, `${index}-`),
    }))
    const fitting = fittingRowHeight(zones, 480)
    expect(heightAt(zones, fitting)).toBeLessThanOrEqual(480)
    expect(heightAt(zones, fitting)).toBeGreaterThan(240)
    expect(rowLines(zones, fitting).length).toBeGreaterThan(10)
    expect(fittingRowHeight([{ id: 'all', rows: rowsOf(5) }], 480)).toBe(defaultRowHeight)
  })

  it('has one band a group where not even those fit', () => {
    const groups = Array.from({ length: 90 }, (_, index) => ({
      id: String(index),
      rows: rowsOf(10, `${index}-`),
    }))
    expect(rowLines(groups, fittingRowHeight(groups, 300))).toHaveLength(90)
  })

  it('finds lines by their height and rows by their id', () => {
    const layout = laidOut([{ id: 'a', title: 'a', rows: rowsOf(100) }], 20)
    expect(layout.lines[lineIndexAt(layout, 0)]).toMatchObject({ kind: 'group' })
    expect(layout.lines[lineIndexAt(layout, 20 + 20 * 7 + 19)]).toBe(lineOfRow(layout, 'n7'))
    expect(lineIndexAt(layout, 99_999)).toBe(101)
    expect(lineOfRow(laidOut([{ id: 'a', rows: rowsOf(100) }], 3), 'n7')?.title).toBe('4 nodes')
    expect(lineOfRow(layout, 'gone')).toBeUndefined()
  })
})

describe('from left to right', () => {
  const columns = (count: number) =>
    Array.from({ length: count }, (_, id) => ({ id: String(id), title: 'r' }))

  it('gives words their room and columns the rest, aslant where that is little', () => {
    const wide = geometryOf({ width: 900, columns: columns(8), titleLetters: 9, noteLetters: 9 })
    expect(wide).toMatchObject({ aslant: false, headHeight: 30 })
    expect(wide.labelWidth + 8 * wide.columnWidth + wide.noteWidth).toBeCloseTo(900, 0)
    const narrow = geometryOf({ width: 500, columns: columns(20), titleLetters: 60, noteLetters: 9 })
    expect(narrow).toMatchObject({ aslant: true, columnWidth: 26, labelWidth: 190 })
    expect(narrow.width).toBeGreaterThan(500)
  })

  it('knows what is at a point: heads and gaps are nothing, titles and marks have no column', () => {
    const groups = [
      { id: 'a', rows: rowsOf(2, 'a') },
      { id: 'b', rows: rowsOf(2, 'b') },
    ]
    const layout = laidOut(groups, 20, 2)
    const geometry = {
      labelWidth: 100,
      columnWidth: 50,
      noteWidth: 60,
      headHeight: 30,
      aslant: false,
      width: 260,
    }
    const at = (x: number, y: number, scrollTop = 0) =>
      placeAt(layout, geometry, { x, y, scrollTop, scrollLeft: 0, columns: 2 })
    expect(at(120, 10)).toBeUndefined()
    expect(at(120, 30 + 45)).toBeUndefined()
    expect(at(160, 35)).toMatchObject({ line: { title: 'a0' }, column: 1 })
    expect(at(160, 35, 20)).toMatchObject({ line: { title: 'a1' } })
    expect(at(20, 35)).toMatchObject({ line: { title: 'a0' }, column: undefined })
    expect(at(230, 35)).toMatchObject({ column: undefined })
    expect(at(120, 500)).toBeUndefined()
  })

  it('gives Chinese words the room they need', () => {
    expect([lettersOf('no answer'), lettersOf('没有应答'), lettersOf('有 5xx')]).toEqual([9, 8, 6])
  })

  it('shortens a title in its middle', () => {
    expect(shortened('node-1', 100)).toBe('node-1')
    expect(shortened('gke-prod-default-pool-1a2b-x9k2', 101)).toBe('gke-pro…b-x9k2')
  })
})

describe('the keyboard', () => {
  const layout = laidOut(
    [
      { id: 'a', title: 'a', rows: rowsOf(3, 'a') },
      { id: 'b', title: 'b', rows: rowsOf(3, 'b') },
    ],
    20,
  )
  const press = (key: string, from: { row: string; column: number } | undefined, ctrlKey = false) =>
    moved(layout, from, { key, ctrlKey }, { columns: 4, page: 4 })

  it('walks cells over the borders of groups and stops at the edges', () => {
    expect(press('ArrowDown', { row: 'a2', column: 1 })).toEqual({ row: 'b0', column: 1 })
    expect(press('ArrowUp', { row: 'a0', column: 1 })).toEqual({ row: 'a0', column: 1 })
    expect(press('ArrowRight', { row: 'a0', column: 3 })).toEqual({ row: 'a0', column: 3 })
    expect(press('PageDown', { row: 'a1', column: 0 })).toEqual({ row: 'b2', column: 0 })
    expect(press('End', { row: 'a1', column: 0 })).toEqual({ row: 'a1', column: 3 })
    expect(press('End', { row: 'a1', column: 0 }, true)).toEqual({ row: 'b2', column: 3 })
    expect(press('Home', { row: 'b1', column: 2 }, true)).toEqual({ row: 'a0', column: 0 })
  })

  it('begins at the first row, also where its row has gone, and leaves other keys alone', () => {
    expect(press('ArrowDown', undefined)).toEqual({ row: 'a0', column: 0 })
    expect(press('ArrowDown', { row: 'gone', column: 2 })).toEqual({ row: 'a0', column: 2 })
    expect(press('x', { row: 'a0', column: 0 })).toBeUndefined()
  })

  it('keeps its row inside a band', () => {
    const bands = laidOut([{ id: 'a', rows: rowsOf(8) }], 3)
    expect(
      moved(bands, { row: 'n2', column: 0 }, { key: 'ArrowRight', ctrlKey: false }, { columns: 4, page: 1 }),
    ).toEqual({ row: 'n2', column: 1 })
  })
})

describe('painting', () => {
  const palette: Palette = {
    ramp: ['r0', 'r1', 'r2', 'r3', 'r4', 'r5'],
    flat: 'flat',
    track: 'track',
    hatch: 'hatch',
    panel: 'panel',
    line: 'line',
    ink: 'ink',
    ink2: 'ink2',
    accent: 'accent',
    cross: 'cross',
    bad: 'bad',
    warn: 'warn',
    info: 'info',
    sans: 'sans',
    mono: 'mono',
  }
  const geometry: Geometry = {
    labelWidth: 100,
    columnWidth: 63,
    noteWidth: 90,
    headHeight: 30,
    aslant: false,
    width: 379,
  }
  const columns = ['docker.io', 'ghcr.io', 'a-name-that-is-too-long'].map((title) => ({ id: title, title }))
  const framed = (groups: readonly HeatGroup[], rowHeight = 20, more = {}) => ({
    width: 400,
    height: 230,
    scrollTop: 0,
    scrollLeft: 0,
    layout: laidOut(groups, rowHeight, 3),
    geometry,
    columns,
    ...more,
  })

  it('tells a ratio, no requests and no data apart by fill, and measures by length', () => {
    const rows = [
      row('busy', [
        { part: 90, whole: 100 },
        { part: 0, whole: 25 },
        { part: 0, whole: 0 },
      ]),
      row('gone', [undefined, undefined, undefined], { mark: { tone: 'bad', words: 'no answer' } }),
    ]
    const painted = paintedBy((context) => paint(context, framed([{ id: 'a', rows }]), palette))
    const bars = painted.filter(({ style }) => /^r\d$/.test(style))
    expect(bars.map(({ style, args }) => [style, args[2]])).toEqual([
      ['r5', 60],
      ['r0', 30],
    ])
    expect(painted.filter(({ style }) => style === 'flat')).toHaveLength(1)
    expect(painted.filter(({ style }) => style === 'hatch')).toHaveLength(3)
    expect(painted.find(({ args }) => args[0] === 'no answer')?.style).toBe('bad')
    expect(painted.filter(({ call, style }) => call === 'arc' && style === 'bad')).toHaveLength(1)
    expect(painted.find(({ args }) => String(args[0]).startsWith('a-name'))?.args[0]).toBe('a-name-t…')
  })

  it('marks a column by a shape before its name, which then has less room', () => {
    const marked = columns.map((column) => ({ ...column, mark: { tone: 'warn' as const, words: 'misses' } }))
    const painted = paintedBy((context) =>
      paint(context, framed([{ id: 'a', rows: rowsOf(1) }], 20, { columns: marked }), palette),
    )
    const heads = painted.filter(({ call, args }) => call === 'fillText' && args[2] === 19)
    expect(heads.map(({ args }) => args[0])).toEqual(['docker…', 'ghcr.io', 'a-name…'])
    expect(painted.some(({ args }) => args[0] === 'misses')).toBe(false)
  })

  it('paints only what is in view, and names only as many rows as can be read', () => {
    const rows = Array.from({ length: 2000 }, (_, index) => row(`n${index}`, [{ part: 1, whole: 1 }]))
    const texts = (rowHeight: number, scrollTop: number) =>
      paintedBy((context) => paint(context, framed([{ id: 'a', rows }], rowHeight, { scrollTop }), palette))
    const high = texts(20, 20_000)
    expect(high.filter(({ style }) => style === 'r5').length).toBeLessThanOrEqual(12)
    expect(high.some(({ args }) => args[0] === 'n1000')).toBe(true)
    const low = texts(5, 0)
    expect(low.filter(({ style }) => style === 'r5').length).toBeGreaterThanOrEqual(40)
    const named = low.filter(({ call, args }) => call === 'fillText' && /^n\d/.test(String(args[0])))
    const heights = named.map(({ args }) => Number(args[2]))
    expect(named.length).toBeGreaterThan(10)
    for (const [index, height] of heights.slice(1).entries()) {
      expect(height - (heights[index] ?? 0)).toBeGreaterThanOrEqual(11)
    }
  })

  it('shows where pointer, keyboard and drawer are', () => {
    const groups = [{ id: 'a', rows: rowsOf(3) }]
    const frame = framed(groups)
    const line = lineOfRow(frame.layout, 'n1')
    if (line === undefined) throw new Error('n1 is laid out')
    const plain = paintedBy((context) => paint(context, frame, palette))
    const hovered = paintedBy((context) =>
      paint(context, { ...frame, hovered: { line, column: 0 } }, palette),
    )
    const selected = paintedBy((context) => paint(context, { ...frame, selected: 'n2' }, palette))
    const inkOf = (painted: typeof plain, title: string) =>
      painted.find(({ args }) => args[0] === title)?.style
    expect(plain.some(({ style }) => style === 'cross')).toBe(false)
    expect(hovered.filter(({ style, call }) => style === 'cross' && call === 'fillRect')).toHaveLength(2)
    expect([inkOf(plain, 'n1'), inkOf(hovered, 'n1'), inkOf(hovered, 'n0')]).toEqual(['ink2', 'ink', 'ink2'])
    expect(inkOf(selected, 'n2')).toBe('ink')
  })
})
