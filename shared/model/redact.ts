const secretHeaders = /^(?:authorization|proxy-authorization|cookie|set-cookie|x-.*(?:token|secret|key).*)$/i
const secretParameters = /(?:token|secret|password|passwd|signature|sig|credential|key|auth|_state|code)/i
const hidden = '•••'

/** Header values without secrets. The scheme of an Authorization stays: it is evidence, the rest is not. */
export function redactHeaders(headers: Iterable<readonly [string, string]>): Record<string, string> {
  const kept: Record<string, string> = Object.create(null) as Record<string, string>
  for (const [name, value] of headers) {
    const scheme = /^authorization$/i.test(name) ? `${value.split(' ', 1)[0]} ` : ''
    kept[name.toLowerCase()] = secretHeaders.test(name) ? `${scheme}${hidden}` : redactLocation(name, value)
  }
  return { ...kept }
}

/** A URL without user, password and the values of parameters that carry a secret (presigned links, states). */
export function redactUrl(text: string): string {
  let url: URL
  try {
    url = new URL(text)
  } catch {
    return text.split('?', 1)[0] ?? ''
  }
  if (url.username !== '') url.username = hidden
  if (url.password !== '') url.password = hidden
  for (const name of new Set(url.searchParams.keys())) {
    if (secretParameters.test(name)) url.searchParams.set(name, hidden)
  }
  return url.toString().replaceAll(encodeURIComponent(hidden), hidden)
}

function redactLocation(name: string, value: string): string {
  return /^(?:location|content-location|referer)$/i.test(name) ? redactUrl(value) : value
}
