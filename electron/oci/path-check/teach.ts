import type { PathCheckResult } from '../../../shared/model/path-check.ts'
import { routeSchema, strategySchema } from '../../../shared/model/upload.ts'
import type { UploadMemory } from '../upload/memory.ts'
import { bestOf, rowsOf } from './rows.ts'

/**
 * Lets `auto` begin with what a path check found: a route where shapes were refused is learned with the best one;
 * one where everything passed is forgotten, for what was known of it does not hold any more. A lesson that cannot
 * be kept fails nothing. `at` in milliseconds since 1970.
 */
export async function teach(
  memory: UploadMemory,
  found: { url: string; results: readonly PathCheckResult[]; bytes: readonly number[]; at: number },
): Promise<void> {
  const { url, results, bytes, at } = found
  for (const route of routeSchema.options) {
    const rows = rowsOf(results.filter((cell) => cell.route === route))
    const best = bestOf(rows)
    if (best === undefined) continue
    const refused = rows.flatMap(({ strategy, passed, failed }) => {
      if (failed === undefined || passed >= best.passed || failed.failure.answeredBy === 'chartroom')
        return []
      const { kind, answeredBy, status } = failed.failure
      return [
        { strategy, kind, answeredBy, bytes: failed.bytes, at, ...(status !== undefined ? { status } : {}) },
      ]
    })
    const lesson =
      refused.length > 0
        ? memory.learn(url, { strategy: best.strategy, refused }, route)
        : rows.length === strategySchema.options.length && best.passed === bytes.at(-1)
          ? memory.forget(url, route)
          : undefined
    await lesson?.catch(() => undefined)
  }
}
