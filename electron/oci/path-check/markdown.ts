import { type PathCheckReport, type PathCheckResult, printBytes } from '../../../shared/model/path-check.ts'
import type { Route, Strategy } from '../../../shared/model/upload.ts'

/** What was asked for; a cell without a result was not tried. */
interface Asked {
  routes: readonly Route[]
  strategies: readonly Strategy[]
  bytes: readonly number[]
}

/** A report as Markdown for a ticket: what to use, the cells, and of each failure who answered and the evidence. */
export function printReport(report: Omit<PathCheckReport, 'markdown'>, asked: Asked): string {
  const { url, repository, startedAt, recommended, results } = report
  const failed = results.filter(({ failure }) => failure !== undefined)
  const lines = [
    `# Upload path to ${plain(url)}`,
    '',
    `Checked ${new Date(startedAt).toISOString()} with random blobs in ${code(repository)}.`,
    '',
    recommended === undefined
      ? '**Nothing passed.**'
      : `**Use ${recommended.strategy}, ${wayOf(recommended.route)}.** ${plain(recommended.reason)}`,
    '',
    ...tableOf(results, failed, asked),
    ...leftovers(results),
    ...failed.flatMap((cell, index) => describe(cell, index + 1)),
  ]
  return `${lines.join('\n').trimEnd()}\n`
}

function tableOf(
  results: readonly PathCheckResult[],
  failed: readonly PathCheckResult[],
  { routes, strategies, bytes }: Asked,
): string[] {
  const cellOf = (route: Route, strategy: Strategy, size: number): string => {
    const cell = results.find(
      (each) => each.route === route && each.strategy === strategy && each.bytes === size,
    )
    if (cell === undefined) return 'not tried'
    return cell.ok
      ? `passed, ${Math.round(cell.milliseconds)} ms`
      : `**failed** (${failed.indexOf(cell) + 1})`
  }
  return [
    `| route | shape | ${bytes.map(printBytes).join(' | ')} |`,
    `| --- | --- | ${bytes.map(() => '---').join(' | ')} |`,
    ...[...new Set(routes)].flatMap((route) =>
      [...new Set(strategies)].map(
        (strategy) =>
          `| ${wayOf(route)} | ${strategy} | ${bytes.map((size) => cellOf(route, strategy, size)).join(' | ')} |`,
      ),
    ),
  ]
}

function leftovers(results: readonly PathCheckResult[]): string[] {
  const left = results.filter(({ leftBehind }) => leftBehind)
  if (left.length === 0) return []
  const bytes = left.reduce((sum, cell) => sum + cell.bytes, 0)
  return ['', `The registry did not let go of ${left.length} of the blobs (${printBytes(bytes)}).`]
}

function describe({ route, strategy, bytes, failure }: PathCheckResult, number: number): string[] {
  if (failure === undefined) return []
  return [
    '',
    `## ${number}. ${wayOf(route)}, ${strategy}, ${printBytes(bytes)}`,
    '',
    plain(failure.message),
    '',
    `- verdict: ${failure.kind}, during ${failure.phase}`,
    `- answered by: ${failure.answeredBy}`,
    ...failure.ociErrors.map((error) => `- error: ${code(`${error.code} ${error.message ?? ''}`)}`),
    ...failure.evidence.map(({ fact, value }) => `- ${fact}: ${code(value)}`),
    `- next: ${failure.next.join(', ')}`,
  ]
}

function wayOf(route: Route): string {
  return route === 'direct' ? 'straight' : 'through the relay'
}

/** Text from outside that stays text. */
function plain(text: string): string {
  return oneLine(text).replace(/[\\`*_[\]<>|#~]/g, '\\$&')
}

function code(text: string): string {
  return `\`${oneLine(text).replaceAll('`', "'")}\``
}

function oneLine(text: string): string {
  // control characters too: this is read in terminals
  return text.replace(/[\s\p{Cc}]+/gu, ' ').trim()
}
