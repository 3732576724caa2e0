import { failureError } from '../../shared/model/local-failure.ts'

/** The port Spegel serves its metrics on unless it is told otherwise (its flag --metrics-addr). */
const defaultPort = 9090

/**
 * The URL of an agent's metrics from what a person types: `10.0.0.5:9090`, `node-1`, `fd00::5`,
 * `[fd00::5]:9090`, `http://node-1:9090/metrics`. Without a scheme it is http and port 9090; without a path
 * it is /metrics. Throws a FailureError of kind `input-invalid` that names the address.
 */
export function metricsUrl(address: string): string {
  const text = address.trim()
  const url = parse(/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${withPort(text)}`)
  if (url === undefined || url.hostname === '') throw invalid(address, 'host, host:port or a URL is expected')
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw invalid(address, 'only http and https are spoken')
  if (url.username !== '' || url.password !== '')
    throw invalid(address, 'user and password do not belong into it')
  if (url.pathname === '/') url.pathname = '/metrics'
  url.hash = ''
  return url.toString()
}

function withPort(text: string): string {
  const [, host = '', path = ''] = /^([^/?#]*)(.*)$/s.exec(text) ?? []
  // more than one colon outside of brackets is an IPv6 address
  const bracketed = !host.startsWith('[') && host.split(':').length > 2 ? `[${host}]` : host
  const port = /:[0-9]*$/.test(bracketed.replace(/^\[.*\]/, '')) ? '' : `:${defaultPort}`
  return `${bracketed}${port}${path}`
}

function parse(text: string): URL | undefined {
  return /\s/.test(text) || !URL.canParse(text) ? undefined : new URL(text)
}

function invalid(address: string, why: string) {
  return failureError('input-invalid', 'input', `"${address.slice(0, 200)}" is no agent's address: ${why}.`, {
    evidence: [{ fact: 'actual', value: address.slice(0, 200) }],
    next: ['check-address'],
  })
}
