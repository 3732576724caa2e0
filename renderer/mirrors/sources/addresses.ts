/** A line of the addresses editor that cannot be an agent's address. */
export interface AddressProblem {
  /** Counted from 1. */
  readonly line: number
  readonly text: string
}

/**
 * Reads metrics addresses, one a line: `10.0.0.5:9090`, `node-1:9090`, `http://node-1:9090/metrics`.
 * Empty lines are skipped and an address named twice counts once.
 */
export function parseAddresses(text: string): { agents: string[]; problems: AddressProblem[] } {
  const agents = new Set<string>()
  const problems: AddressProblem[] = []
  for (const [index, line] of text.split('\n').entries()) {
    const address = line.trim()
    if (address === '') continue
    if (isAddress(address)) agents.add(address)
    else problems.push({ line: index + 1, text: address.slice(0, 100) })
  }
  return { agents: [...agents], problems }
}

function isAddress(text: string): boolean {
  if (text.length > 500 || /[\s,;]/.test(text)) return false
  let url: URL
  try {
    url = new URL(/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`)
  } catch {
    return false
  }
  return (
    (url.protocol === 'http:' || url.protocol === 'https:') &&
    url.hostname !== '' &&
    url.username === '' &&
    url.password === ''
  )
}
