/** What a cell counts: `part` of `whole`, as hits of requests. A whole of zero was measured: nothing was asked. */
export interface HeatCell {
  readonly part: number
  readonly whole: number
}

export type MarkTone = 'bad' | 'warn' | 'info'

/** What stands at the end of a row: a shape for the tone, and two words. */
export interface HeatMark {
  readonly tone: MarkTone
  readonly words: string
}

export interface HeatColumn {
  readonly id: string
  readonly title: string
  /** Before its title, as a shape alone: its words are where the column is described. */
  readonly mark?: HeatMark | undefined
}

export interface HeatRow {
  /** Unique over all groups. */
  readonly id: string
  readonly title: string
  /** In the order of the columns; undefined is no data, which is not zero. */
  readonly cells: readonly (HeatCell | undefined)[]
  readonly mark?: HeatMark | undefined
}

export interface HeatGroup {
  readonly id: string
  /** Above its rows; undefined where there is nothing to tell apart. */
  readonly title?: string | undefined
  readonly rows: readonly HeatRow[]
}

/** Steps of the ramp; the colours are in tokens.css, `--heat-0` to `--heat-5`. */
export const rampSteps = 6

/** The step of the ramp a ratio from 0 to 1 falls into. */
export function stepOf(ratio: number): number {
  return Math.min(rampSteps - 1, Math.max(0, Math.floor(ratio * rampSteps)))
}

/** 0 to 1: the square root of the requests beside the busiest cell's, so that 1 is not lost beside 10,000. */
export function lengthOf(cell: HeatCell, busiest: number): number {
  return busiest === 0 ? 0 : Math.sqrt(cell.whole / busiest)
}

/** Cells of several rows as one row, column by column: sums of what was measured, undefined where nothing was. */
export function sumOfCells(rows: readonly HeatRow[], columns: number): (HeatCell | undefined)[] {
  return Array.from({ length: columns }, (_, column) => {
    let part = 0
    let whole = 0
    let measured = false
    for (const row of rows) {
      const cell = row.cells[column]
      if (cell === undefined) continue
      measured = true
      part += cell.part
      whole += cell.whole
    }
    return measured ? { part, whole } : undefined
  })
}

const seriousness: readonly MarkTone[] = ['bad', 'warn', 'info']

/** The most serious mark of the rows. */
export function worstMark(rows: readonly HeatRow[]): HeatMark | undefined {
  for (const tone of seriousness) {
    const found = rows.find(({ mark }) => mark?.tone === tone)
    if (found !== undefined) return found.mark
  }
  return undefined
}
