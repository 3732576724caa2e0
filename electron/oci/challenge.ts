/** One challenge of a WWW-Authenticate header (RFC 9110, section 11.6.1). Names are lower-case. */
export interface Challenge {
  scheme: string
  parameters: Readonly<Record<string, string>>
}

const separators = /[\s,]+/y
const token = /[!#$%&'*+.^_`|~0-9A-Za-z-]+/y
const equals = /\s*=\s*/y
const quoted = /"((?:[^"\\]|\\.)*)"/y
/** What a scheme may carry instead of parameters: `Negotiate oYG2MIGz==`. */
const token68 = /\s+[A-Za-z0-9._~+/-]+=*(?=\s*(?:,|$))/y
const rest = /[^,]*/y

/**
 * Parses a WWW-Authenticate header that may hold several challenges, in one line or in several joined by commas.
 * Commas inside quotes belong to the value; what cannot be read is left out up to the next comma.
 */
export function parseChallenges(header: string): Challenge[] {
  const challenges: Array<{ scheme: string; parameters: Record<string, string> }> = []
  let at = 0
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at
    const found = pattern.exec(header)
    if (found === null) return undefined
    at = pattern.lastIndex
    return found[1] ?? found[0]
  }
  for (take(separators); at < header.length; take(separators)) {
    const name = take(token)
    const open = challenges.at(-1)
    if (name === undefined) {
      take(rest)
    } else if (take(equals) === undefined) {
      const parameters = Object.create(null) as Record<string, string>
      challenges.push({ scheme: name.toLowerCase(), parameters })
      take(token68)
    } else {
      const value = header[at] === '"' ? take(quoted)?.replaceAll(/\\(.)/g, '$1') : take(token)
      if (value === undefined) take(rest)
      else if (open !== undefined) open.parameters[name.toLowerCase()] ??= value
    }
  }
  return challenges
}
