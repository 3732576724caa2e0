import type { HeatLayout, RowsLine } from './layout.ts'

/** Where the keyboard is: a row and a column, by index. */
export interface Cursor {
  readonly row: string
  readonly column: number
}

/**
 * Where a key leads (WAI-ARIA grid pattern); undefined where it leads nowhere. Without a cursor any of these keys
 * goes to the first cell.
 */
export function moved(
  layout: HeatLayout,
  cursor: Cursor | undefined,
  key: { key: string; ctrlKey: boolean },
  { columns, page }: { columns: number; page: number },
): Cursor | undefined {
  const lines = layout.lines.filter((line) => line.kind === 'rows')
  const at = lines.findIndex(({ rows }) => rows.some(({ id }) => id === cursor?.row))
  const column = cursor?.column ?? 0
  const step = stepOf(key, { line: at, column }, { lines: lines.length, columns, page })
  if (step === undefined) return undefined
  const target: RowsLine | undefined =
    at === -1 ? lines[0] : lines[Math.max(0, Math.min(step.line, lines.length - 1))]
  const [row] = target?.rows ?? []
  if (row === undefined) return undefined
  // inside its own band the cursor keeps its row, so that zooming in finds it again
  const kept = target === lines[at] && cursor !== undefined ? cursor.row : row.id
  return { row: kept, column: Math.max(0, Math.min(step.column, columns - 1)) }
}

function stepOf(
  { key, ctrlKey }: { key: string; ctrlKey: boolean },
  { line, column }: { line: number; column: number },
  { lines, columns, page }: { lines: number; columns: number; page: number },
): { line: number; column: number } | undefined {
  switch (key) {
    case 'ArrowUp':
      return { line: line - 1, column }
    case 'ArrowDown':
      return { line: line + 1, column }
    case 'ArrowLeft':
      return { line, column: column - 1 }
    case 'ArrowRight':
      return { line, column: column + 1 }
    case 'Home':
      return { line: ctrlKey ? 0 : line, column: 0 }
    case 'End':
      return { line: ctrlKey ? lines - 1 : line, column: columns - 1 }
    case 'PageUp':
      return { line: line - page, column }
    case 'PageDown':
      return { line: line + page, column }
    default:
      return undefined
  }
}
