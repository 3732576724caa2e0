import type { Failure } from '../../../shared/model/failure.ts'
import { type PathCheckReport, type PathCheckResult, printBytes } from '../../../shared/model/path-check.ts'
import { bestOf, type Row, rowsOf } from './rows.ts'

/**
 * The shape and route that carried the largest blobs, and why, in English for tickets; of several the simplest:
 * straight before the relay, from memory before streams. Undefined where nothing passed. `bytes` are the sizes that
 * were asked for.
 */
export function recommend(
  results: readonly PathCheckResult[],
  bytes: readonly number[],
): PathCheckReport['recommended'] {
  const rows = rowsOf(results)
  const best = bestOf(rows)
  if (best === undefined) return undefined
  const { strategy, route, passed } = best
  return { strategy, route, bytes: passed, reason: reasonOf(best, rows, Math.max(...bytes)) }
}

function reasonOf(best: Row, rows: readonly Row[], top: number): string {
  const passes = `${best.strategy} passes ${wayOf(best)} up to ${printBytes(best.passed)}`
  if (best.failed !== undefined || best.passed < top)
    return `${passes}, and no further: ${limitOf(best, rows)}.`
  if (best.route === 'relay') {
    const straight = rows.filter(({ route }) => route === 'direct')
    if (straight.length === 0) return `Only the relay was tried: ${passes}.`
    return `Only the relay helps: ${passes}; straight, ${refusals(straight)}.`
  }
  const refused = rows.filter(({ route, failed }) => route === best.route && failed !== undefined)
  if (refused.length > 0) return `${passes}, while ${refusals(refused)}.`
  const shapes = rows.filter(({ route }) => route === best.route).length
  return shapes > 1
    ? `All shapes that were tried pass straight up to ${printBytes(best.passed)}: auto may stay as it is.`
    : `${passes}; no other shape was tried.`
}

/** Where the way ends, even for what got furthest. */
function limitOf(best: Row, rows: readonly Row[]): string {
  if (best.failed === undefined) return 'larger blobs were not tried'
  const { bytes, failure } = best.failed
  const between = `between ${printBytes(best.passed)} and ${printBytes(bytes)}`
  const alike = rows.every((row) => row.failed === undefined || row.failed.failure.kind === failure.kind)
  const whom = alike ? '' : `; ${refusals(rows.filter((row) => row !== best && row.failed !== undefined))}`
  if (failure.answeredBy === 'chartroom') return `${failure.message.replace(/\.$/, '')}${whom}`
  return `${saidOf(failure)} at ${printBytes(bytes)}, so a limit of size or time lies ${between}${whom}`
}

/** `streamed-patch and chunked get HTTP 400 from a proxy at 1 KiB`, one part for each way to fail. */
function refusals(rows: readonly Row[]): string {
  const shapes = new Map<string, string[]>()
  for (const { strategy, failed } of rows) {
    if (failed === undefined) continue
    const words = `${saidOf(failed.failure)} at ${printBytes(failed.bytes)}`
    shapes.set(words, [...(shapes.get(words) ?? []), strategy])
  }
  return [...shapes].map(([words, names]) => `${listed(names)} got ${words}`).join('; ')
}

function listed(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
}

const answerers: Partial<Record<Failure['answeredBy'], string>> = {
  registry: 'from the registry',
  'token-service': 'from the token service',
  storage: 'from the storage',
  proxy: 'from a proxy or firewall in front',
  server: 'from a server that is no registry',
}

function saidOf({ status, kind, answeredBy }: Failure): string {
  if (status === undefined) return kind
  return `HTTP ${status} (${kind}) ${answerers[answeredBy] ?? 'from somebody unknown'}`
}

function wayOf({ route }: Row): string {
  return route === 'direct' ? 'straight' : 'through the relay'
}
