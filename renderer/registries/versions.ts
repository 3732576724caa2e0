const versionPattern = /^v?(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:-([0-9A-Za-z.-]+))?(?:[+_].*)?$/
const byName = new Intl.Collator('en', { numeric: true })

/**
 * Tags with the newest version first: semver precedence (semver.org, item 11) for what reads as a version,
 * then all other tags by name. `_` stands for `+`, as Helm pushes it.
 */
export function newestFirst(tags: readonly string[]): string[] {
  const read = tags.map((tag) => ({ tag, version: versionPattern.exec(tag) }))
  read.sort((a, b) => {
    if (a.version === null || b.version === null) {
      if (a.version === null && b.version === null) return byName.compare(a.tag, b.tag)
      return a.version === null ? 1 : -1
    }
    return compareVersions(b.version, a.version) || byName.compare(b.tag, a.tag)
  })
  return read.map(({ tag }) => tag)
}

function compareVersions(a: RegExpExecArray, b: RegExpExecArray): number {
  for (const part of [1, 2, 3]) {
    const difference = Number(a[part] ?? 0) - Number(b[part] ?? 0)
    if (difference !== 0) return difference
  }
  return comparePrerelease(a[4], b[4])
}

function comparePrerelease(a: string | undefined, b: string | undefined): number {
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined)
  const left = a.split('.')
  const right = b.split('.')
  for (let at = 0; at < Math.min(left.length, right.length); at += 1) {
    const difference = compareIdentifiers(left[at] ?? '', right[at] ?? '')
    if (difference !== 0) return difference
  }
  return left.length - right.length
}

function compareIdentifiers(a: string, b: string): number {
  const numeric = /^\d+$/
  if (numeric.test(a) && numeric.test(b)) return Number(a) - Number(b)
  if (numeric.test(a) !== numeric.test(b)) return numeric.test(a) ? -1 : 1
  return a < b ? -1 : a > b ? 1 : 0
}
