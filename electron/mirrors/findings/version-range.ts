/** Whether all of a range of versions (`0.4`, `0.6 to 0.7`, `0.7.4`) is at most `limit`; `0.3` is all of 0.3. */
export function latestOf(range: string | undefined, limit: string): boolean {
  const last = versionsIn(range).at(-1)
  return last !== undefined && compare(last, numbers(limit), Infinity) <= 0
}

/** Whether all of a range of versions is at least `limit`. */
export function earliestOf(range: string | undefined, limit: string): boolean {
  const [first] = versionsIn(range)
  return first !== undefined && compare(first, numbers(limit), 0) >= 0
}

function versionsIn(range: string | undefined): number[][] {
  return [...(range ?? '').matchAll(/\d+(?:\.\d+)+/g)].map(([version]) => numbers(version))
}

function numbers(version: string): number[] {
  return version.split('.').map(Number)
}

/** Part by part; parts a version does not have are `rest`. */
function compare(one: readonly number[], other: readonly number[], rest: number): number {
  for (let part = 0; part < 3; part++) {
    const [mine, its] = [one[part] ?? rest, other[part] ?? rest]
    if (mine !== its) return mine < its ? -1 : 1
  }
  return 0
}
