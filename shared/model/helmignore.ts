import { failureError } from './local-failure.ts'

/** Which paths of a chart's folder are left out of its package. */
export interface HelmIgnore {
  /** Whether a path below the chart's folder, with `/` between its parts, is named by the rules itself. */
  names(path: string, isDirectory: boolean): boolean
  /** Whether a file is left out, by itself or with a directory it is in. */
  leavesOut(path: string): boolean
}

/** Longest line of a .helmignore in characters; Helm's reader gives up there too. */
const maxLine = 65_536

/** One part of a pattern, for one character of a name. */
type Part =
  | { one: string }
  | { any: true }
  | { except: boolean; ranges: ReadonlyArray<readonly [string, string]> }

/** What follows one `*`, or begins the pattern. */
interface Chunk {
  afterStar: boolean
  parts: readonly Part[]
}

interface Rule {
  negated: boolean
  directoriesOnly: boolean
  /** Without a slash a pattern is held against the last part of a path only. */
  wholePath: boolean
  chunks: readonly Chunk[]
}

/**
 * Reads a .helmignore by Helm's rules (helm.sh/helm/v4/pkg/ignore), to which `templates/.?*` is added. Patterns are
 * those of Go's filepath.Match. The first rule that names a path decides; one that begins with `!` leaves out all that
 * it does not name. Throws a FailureError of kind `chart-invalid` that names the line: a broken pattern, or `**`.
 */
export function readHelmignore(text: string): HelmIgnore {
  const lines = text.replace(/^\uFEFF/, '').split('\n')
  const rules = lines.flatMap((line, index) => readRule(line, index + 1))
  rules.push(...readRule('templates/.?*', lines.length + 1))
  const names = (path: string, isDirectory: boolean): boolean => {
    for (const rule of rules) {
      const isNamed = (!rule.directoriesOnly || isDirectory) && matches(rule, path)
      if (isNamed !== rule.negated) return true
    }
    return false
  }
  return {
    names,
    leavesOut: (path) => {
      for (let at = path.indexOf('/'); at !== -1; at = path.indexOf('/', at + 1)) {
        if (names(path.slice(0, at), true)) return true
      }
      return names(path, false)
    },
  }
}

function readRule(line: string, number: number): Rule[] {
  if (line.length > maxLine) throw invalid('the line is too long', number)
  let pattern = line.trim()
  if (pattern === '' || pattern.startsWith('#')) return []
  if (pattern.includes('**')) throw invalid('helm does not know **', number)
  readChunks(pattern, number)
  const negated = pattern.startsWith('!')
  if (negated) pattern = pattern.slice(1)
  const directoriesOnly = pattern.endsWith('/')
  if (directoriesOnly) pattern = pattern.slice(0, -1)
  const wholePath = pattern.includes('/')
  if (pattern.startsWith('/')) pattern = pattern.slice(1)
  return [{ negated, directoriesOnly, wholePath, chunks: readChunks(pattern, number) }]
}

function readChunks(pattern: string, line: number): Chunk[] {
  const characters = [...pattern]
  const chunks: Array<{ afterStar: boolean; parts: Part[] }> = [{ afterStar: false, parts: [] }]
  let at = 0
  const next = (): string => {
    const character = characters[at]
    if (character === undefined) throw invalid(`"${pattern.slice(0, 200)}" is no pattern`, line)
    at += 1
    return character
  }
  while (at < characters.length) {
    const character = next()
    const parts = chunks.at(-1)?.parts ?? []
    if (character === '*') chunks.push({ afterStar: true, parts: [] })
    else if (character === '?') parts.push({ any: true })
    else if (character === '\\') parts.push({ one: next() })
    else if (character === '[') parts.push(readClass(next, () => characters[at]))
    else parts.push({ one: character })
  }
  return chunks

  function readClass(take: () => string, peek: () => string | undefined): Part {
    const except = peek() === '^'
    if (except) take()
    const ranges: Array<readonly [string, string]> = []
    while (peek() !== ']' || ranges.length === 0) {
      const low = readEnd(take)
      const isRange = peek() === '-'
      if (isRange) take()
      ranges.push([low, isRange ? readEnd(take) : low])
    }
    take()
    return { except, ranges }
  }

  function readEnd(take: () => string): string {
    const character = take()
    if (character === '-' || character === ']')
      throw invalid(`"${pattern.slice(0, 200)}" is no pattern`, line)
    return character === '\\' ? take() : character
  }
}

function matches({ chunks, wholePath }: Rule, path: string): boolean {
  const name = [...(wholePath ? path : path.slice(path.lastIndexOf('/') + 1))]
  let at = 0
  for (const [index, { afterStar, parts }] of chunks.entries()) {
    const isLast = index === chunks.length - 1
    // a star at the end takes what is left of this part of the path
    if (afterStar && isLast && parts.length === 0) return !name.includes('/', at)
    const found = placeOf(parts, name, at, afterStar, isLast)
    if (found === undefined) return false
    at = found
  }
  return at === name.length
}

/** Where the name goes on after a chunk: Go takes the first place that fits and never comes back to it. */
function placeOf(
  parts: readonly Part[],
  name: readonly string[],
  from: number,
  afterStar: boolean,
  isLast: boolean,
): number | undefined {
  for (let start = from; start <= name.length; start += 1) {
    if (fits(parts, name, start) && (!isLast || start + parts.length === name.length))
      return start + parts.length
    if (!afterStar || name[start] === '/') return undefined
  }
  return undefined
}

function fits(parts: readonly Part[], name: readonly string[], start: number): boolean {
  return parts.every((part, index) => {
    const character = name[start + index]
    if (character === undefined) return false
    if ('one' in part) return part.one === character
    if ('any' in part) return character !== '/'
    const code = codeOf(character)
    const isIn = part.ranges.some(([low, high]) => codeOf(low) <= code && code <= codeOf(high))
    return isIn !== part.except
  })
}

function codeOf(character: string): number {
  return character.codePointAt(0) ?? 0
}

function invalid(why: string, line: number) {
  return failureError(
    'chart-invalid',
    'input',
    `The chart's .helmignore is invalid in line ${line}: ${why}.`,
    {
      evidence: [{ fact: 'line', value: String(line) }],
      next: ['fix-line', 'repackage-chart'],
    },
  )
}
