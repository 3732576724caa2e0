/**
 * Runs `job` for every item, `limit` at a time. The first error ends it: no item is begun after that, `signal` of
 * those that run aborts, and it is thrown when they have ended.
 */
export async function inParallel<T>(
  items: readonly T[],
  options: { limit: number; abort: AbortController },
  job: (item: T) => Promise<void>,
): Promise<void> {
  const { limit, abort } = options
  const waiting = items.values()
  let failed: { error: unknown } | undefined
  const work = async (): Promise<void> => {
    for (const item of waiting) {
      if (failed !== undefined) return
      try {
        await job(item)
      } catch (error) {
        failed ??= { error }
        abort.abort(error)
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, work))
  if (failed !== undefined) throw failed.error
}
