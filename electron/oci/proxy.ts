import { BlockList, isIP, isIPv6 } from 'node:net'

type Environment = Readonly<Record<string, string | undefined>>

/**
 * The proxy for `url` that the environment names, as `scheme://[user:password@]host[:port]`, or undefined for none.
 * The rules are those of Go's x/net/http/httpproxy, which docker, helm and crane follow: HTTPS_PROXY or HTTP_PROXY
 * by the address's own scheme; NO_PROXY lists names (with all below them; with a leading dot only those below),
 * addresses, networks in CIDR form, each but the last with `:port` where meant, and `*`. The upper-case variable
 * comes before the lower-case one. This machine itself is never asked through a proxy.
 */
export function proxyFor(url: URL, env: Environment): string | undefined {
  const named = url.protocol === 'https:' ? either(env, 'HTTPS_PROXY') : either(env, 'HTTP_PROXY')
  if (named === undefined) return undefined
  const host = url.hostname.replace(/^\[|\]$/g, '').toLowerCase()
  const port = url.port !== '' ? url.port : url.protocol === 'https:' ? '443' : '80'
  if (isLoopback(host)) return undefined
  const spared = (either(env, 'NO_PROXY') ?? '').split(/[\s,]+/).filter((entry) => entry !== '')
  if (spared.some((entry) => covers(entry.toLowerCase(), host, port))) return undefined
  return named.includes('://') ? named : `http://${named}`
}

function either(env: Environment, name: string): string | undefined {
  return [env[name], env[name.toLowerCase()]].map((value) => value?.trim()).find(Boolean)
}

function isLoopback(host: string): boolean {
  if (host === 'localhost' || host.endsWith('.localhost')) return true
  return inNetwork('127.0.0.0/8', host) || inNetwork('::1/128', host)
}

function covers(entry: string, host: string, port: string): boolean {
  if (entry === '*') return true
  if (entry.includes('/')) return inNetwork(entry, host)
  const [name, onlyPort] = cut(entry)
  if (onlyPort !== undefined && onlyPort !== port) return false
  if (isIP(host) !== 0 || isIP(name) !== 0) return name === host
  if (name.startsWith('.') || name.startsWith('*.')) return host.endsWith(name.replace(/^\*/, ''))
  return host === name || host.endsWith(`.${name}`)
}

/** `name:port` in two; an IPv6 address has a port only in brackets. */
function cut(entry: string): [string, string | undefined] {
  const bracketed = /^\[(.+)\](?::(\d+))?$/.exec(entry)
  if (bracketed !== null) return [bracketed[1] ?? '', bracketed[2]]
  if (isIPv6(entry)) return [entry, undefined]
  const [, name = entry, port] = /^(.*?)(?::(\d+))?$/.exec(entry) ?? []
  return [name, port]
}

function inNetwork(network: string, host: string): boolean {
  const [address = '', bits = ''] = network.split('/')
  const [family, asked] = [isIP(address), isIP(host)]
  if (family === 0 || asked === 0 || !/^\d{1,3}$/.test(bits) || Number(bits) > (family === 4 ? 32 : 128))
    return false
  const list = new BlockList()
  list.addSubnet(address, Number(bits), family === 4 ? 'ipv4' : 'ipv6')
  return list.check(host, asked === 4 ? 'ipv4' : 'ipv6')
}
