/** One challenge of a WWW-Authenticate header (RFC 9110, section 11.6.1). Names are lower-case. */
export interface Challenge {
  scheme: string
  parameters: Readonly<Record<string, string>>
}

const token = /[!#$%&'*+.^_`|~0-9A-Za-z-]+/y
const quoted = /"((?:[^"\\]|\\.)*)"/y

/**
 * Parses a WWW-Authenticate header that may hold several challenges. Commas inside quotes belong to the value;
 * what cannot be read ends the parse and what was read before it stands.
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
  while (at < header.length) {
    take(/[\s,]+/y)
    const name = take(token)
    if (name === undefined) break
    const equals = take(/\s*=\s*/y)
    const open = challenges.at(-1)
    if (equals === undefined) {
      challenges.push({
        scheme: name.toLowerCase(),
        parameters: Object.create(null) as Record<string, string>,
      })
      continue
    }
    const value = header[at] === '"' ? take(quoted)?.replaceAll(/\\(.)/g, '$1') : take(token)
    if (value === undefined || open === undefined) break
    open.parameters[name.toLowerCase()] = value
  }
  return challenges
}
