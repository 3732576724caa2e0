import { compare, parse, type SemVer } from 'semver'

/** Lengths and counts Masterminds/semver takes (v3.5, constraints.go). */
const limits = { range: 512, version: 256, groups: 32 } as const

const part = String.raw`(\d+|[xX*])`
const extras = String.raw`(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?`
const partial = String.raw`v?${part}(?:\.${part})?(?:\.${part})?${extras}`
const condition = new RegExp(String.raw`(\s*)(,?)\s*(=|!=|>=|=>|<=|=<|~>|>|<|~|\^)?\s*${partial}`, 'y')
const hyphen = new RegExp(String.raw`(${partial})\s+-\s+(${partial})`, 'g')
const lenient = new RegExp(String.raw`^v?(\d+)(?:\.(\d+))?(?:\.(\d+))?${extras}$`)

/** One condition: an operator and a version whose last parts may be left open. */
interface Condition {
  operator: string
  version: SemVer
  /** Which part of it is the first open one. */
  open?: 'major' | 'minor' | 'patch'
}

/**
 * Whether a chart's version is in a range as Helm means it: Masterminds/semver's rules, which differ from npm's (a
 * comma is "and", `!=` exists, a pre-release counts where the same alternative names any). Undefined for what is no
 * range, which Helm takes for one that nothing satisfies.
 */
export function isInRange(version: string, range: string): boolean | undefined {
  const groups = parseRange(range)
  if (groups === undefined) return undefined
  const found = parseVersion(version)
  if (found === undefined) return false
  return groups.some((group) => {
    const takesPrereleases = group.some((one) => one.version.prerelease.length > 0)
    if (found.prerelease.length > 0 && !takesPrereleases) return false
    return group.every((one) => holds(one, found))
  })
}

function parseVersion(text: string): SemVer | undefined {
  if (text.length > limits.version) return undefined
  const [, major, minor = '0', patch = '0', prerelease] = lenient.exec(text) ?? []
  if (major === undefined) return undefined
  return semver([major, minor, patch], prerelease)
}

/** Numbers without the zeros they begin with. */
function semver(numbers: readonly string[], prerelease: string | undefined): SemVer | undefined {
  const core = numbers.map((digits) => digits.replace(/^0+(?=\d)/, '')).join('.')
  return parse(prerelease === undefined ? core : `${core}-${prerelease}`) ?? undefined
}

/** Alternatives, each a list of conditions that hold together. */
function parseRange(range: string): Condition[][] | undefined {
  if (range.length > limits.range) return undefined
  const alternatives = range.replace(hyphen, between).split('||')
  if (alternatives.length > limits.groups) return undefined
  const groups = alternatives.map(parseGroup)
  return groups.every((group) => group !== undefined) ? groups : undefined
}

function between(...found: string[]): string {
  // the first version and its four groups, then the second
  const [, low = '', , , , , high = ''] = found
  return ` >= ${low}, <= ${high} `
}

function parseGroup(text: string): Condition[] | undefined {
  const conditions: Condition[] = []
  const end = text.trimEnd().length
  condition.lastIndex = 0
  while (conditions.length === 0 || condition.lastIndex < end) {
    const match = condition.exec(text)
    if (match === null) return undefined
    const [, space = '', comma = '', operator = '', major = '', minor, patch, prerelease] = match
    const isFirst = conditions.length === 0
    if (isFirst ? comma !== '' : comma === '' && space === '') return undefined
    const one = parseCondition(operator, [major, minor, patch], prerelease)
    if (one === undefined) return undefined
    conditions.push(one)
  }
  return conditions
}

function parseCondition(
  operator: string,
  parts: ReadonlyArray<string | undefined>,
  prerelease: string | undefined,
): Condition | undefined {
  const first = parts.findIndex((text) => text === undefined || /^[xX*]$/.test(text))
  const known = first < 0 ? parts : parts.slice(0, first)
  const numbers = [...known, '0', '0', '0'].slice(0, 3).map((text) => text ?? '0')
  const version = semver(numbers, prerelease)
  if (version === undefined) return undefined
  const open = (['major', 'minor', 'patch'] as const)[first]
  return { operator, version, ...(open === undefined ? {} : { open }) }
}

function holds({ operator, version, open }: Condition, found: SemVer): boolean {
  const order = compare(found, version)
  const sameMajor = found.major === version.major
  const sameMinor = found.minor === version.minor
  switch (operator) {
    case '>':
      if (open === 'minor') return found.major > version.major
      if (open === 'patch') return found.major > version.major || (sameMajor && found.minor > version.minor)
      return order > 0
    case '<':
      return order < 0
    case '>=':
    case '=>':
      return order >= 0
    case '<=':
    case '=<':
      if (open === undefined) return order <= 0
      return found.major < version.major || (sameMajor && (open === 'minor' || found.minor <= version.minor))
    case '!=':
      if (open === 'minor') return !sameMajor
      if (open !== 'patch') return order !== 0
      return !sameMajor || !sameMinor || !samePrerelease(found, version)
    case '^':
      return order >= 0 && isWithinCaret(version, open, found)
    case '~':
    case '~>':
      return order >= 0 && isWithinTilde(version, open, found)
    default:
      return open === undefined ? order === 0 : order >= 0 && isWithinTilde(version, open, found)
  }
}

function isWithinTilde(version: SemVer, open: Condition['open'], found: SemVer): boolean {
  // ~0.0.0 and * take everything
  const isZero = version.major === 0 && version.minor === 0 && version.patch === 0
  if (isZero && open !== 'minor' && open !== 'patch') return true
  return found.major === version.major && (open === 'minor' || found.minor === version.minor)
}

/** What may not change is the first part that is not zero. */
function isWithinCaret(version: SemVer, open: Condition['open'], found: SemVer): boolean {
  if (found.major !== version.major) return false
  if (version.major > 0 || open === 'minor') return true
  if (found.minor !== version.minor) return false
  return version.minor > 0 || open === 'patch' || found.patch === version.patch
}

function samePrerelease(found: SemVer, version: SemVer): boolean {
  return found.prerelease.join('.') === version.prerelease.join('.')
}
