import { parse as parseToml, TomlError } from 'smol-toml'
import { z } from 'zod'
import { failureError } from '../../shared/model/local-failure.ts'

/** A host containerd would ask, as hosts.toml and its defaults make it. */
export interface PullHost {
  /** scheme://host[:port] */
  origin: string
  /** host[:port] as it is written: containerd compares and prints it like that, also with a default port. */
  host: string
  /** API root, `/v2` unless the file says otherwise; no slash at its end. */
  path: string
  role: 'mirror' | 'upstream'
  /** May it turn a tag into a digest; may it hand out content. */
  resolve: boolean
  pull: boolean
  /** Sent along to this host alone; may hold secrets, so it is never shown. */
  headers: Record<string, string>
  /** The file sets skip_verify, ca or client, which this app does not follow: a TLS failure may be ours alone. */
  ownTls: boolean
}

/** Hosts a walk asks at most. */
const maxHosts = 64

const textOrTexts = z.union([z.string(), z.array(z.string())])
const hostSchema = z.object({
  capabilities: z.array(z.string()).optional(),
  ca: textOrTexts.optional(),
  client: z.union([z.string(), z.array(textOrTexts)]).optional(),
  skip_verify: z.boolean().optional(),
  header: z.record(z.string(), textOrTexts).optional(),
  override_path: z.boolean().optional(),
  dial_timeout: z.string().optional(),
})
const fileSchema = hostSchema.extend({
  server: z.string().optional(),
  host: z.record(z.string(), hostSchema).optional(),
})
type HostTable = z.infer<typeof hostSchema>

const capabilities: ReadonlySet<string> = new Set(['pull', 'resolve', 'push', 'referrers'])
const goDuration = /^[+-]?(?:0|(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:ns|us|µs|μs|ms|s|m|h))+)$/

/**
 * The hosts containerd asks for `registry`, in its order, the upstream last (containerd,
 * docker/config/hosts.go, parseHostsFile). Without `server` the upstream is the registry itself; docker.io
 * is asked as registry-1.docker.io, localhost in plain http unless its port is 443. An empty text is "no
 * mirror". Throws a FailureError of kind `hosts-invalid` with the line where it is known.
 */
export function readHosts(text: string, registry: string): PullHost[] {
  const file = checked(parsed(text), text)
  const mirrors = namesInOrder(text)
    .filter((name) => Object.hasOwn(file.host ?? {}, name))
    .map((name) => hostOf(name, file.host?.[name] ?? {}, 'mirror', lineOf(text, name)))
  if (mirrors.length >= maxHosts) throw invalid(`It names more than ${maxHosts} hosts.`, undefined)
  return [...mirrors, upstreamOf(file, registry, text)]
}

function upstreamOf(file: z.infer<typeof fileSchema>, registry: string, text: string): PullHost {
  if (file.server !== undefined && file.server !== '') {
    return hostOf(file.server, file, 'upstream', lineOf(text, file.server))
  }
  // containerd sets capabilities of a default host itself, whatever the top of the file says
  const { capabilities: _, override_path: __, ...rest } = file
  return hostOf(defaultServer(registry), rest, 'upstream', undefined)
}

/** The address containerd asks for a registry as references name it (core/remotes/docker, DefaultHost and plain http). */
export function defaultServer(registry: string): string {
  if (registry === 'docker.io') return 'https://registry-1.docker.io'
  const { hostname, port } = new URL(`http://${registry}`)
  const loopback = hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.[0-9]+){3}$/.test(hostname)
  // URL drops port 80, where http is meant as well; a bare localhost has no port in the text
  const plain = loopback && port !== '443' && /:[0-9]+$/.test(registry)
  return `${plain ? 'http' : 'https'}://${registry}`
}

function hostOf(
  server: string,
  table: HostTable,
  role: PullHost['role'],
  line: number | undefined,
): PullHost {
  const text = server.startsWith('http') ? server : `https://${server}`
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.hostname === '') {
    throw invalid(`"${server.slice(0, 200)}" is no host: http(s)://host[:port] is expected.`, line)
  }
  for (const capability of table.capabilities ?? []) {
    if (!capabilities.has(capability.toLowerCase())) {
      throw invalid(`"${capability.slice(0, 50)}" is no capability: pull, resolve, push, referrers.`, line)
    }
  }
  if (table.dial_timeout !== undefined && table.dial_timeout !== '' && !goDuration.test(table.dial_timeout)) {
    throw invalid(`"${table.dial_timeout.slice(0, 50)}" is no duration for dial_timeout.`, line)
  }
  const able = (table.capabilities ?? []).map((capability) => capability.toLowerCase())
  return {
    origin: url.origin,
    host: /^https?:\/\/(?:[^/?#@]*@)?([^/?#]*)/i.exec(text)?.[1] ?? url.host,
    path: apiPath(url.pathname, table.override_path === true),
    role,
    resolve: able.length === 0 || able.includes('resolve'),
    pull: able.length === 0 || able.includes('pull'),
    headers: headersOf(table.header ?? {}, line),
    ownTls: table.skip_verify !== undefined || table.ca !== undefined || table.client !== undefined,
  }
}

function apiPath(given: string, override: boolean): string {
  const path = given.replace(/\/+/g, '/').replace(/\/$/, '')
  return override || path.endsWith('/v2') ? path : `${path}/v2`
}

function headersOf(
  table: Record<string, string | string[]>,
  line: number | undefined,
): Record<string, string> {
  const headers: Record<string, string> = Object.create(null) as Record<string, string>
  for (const [name, value] of Object.entries(table)) {
    const text = typeof value === 'string' ? value : value.join(', ')
    // the value may be a secret: a message names the header alone
    if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name) || /[^\t\x20-\x7e\x80-\xff]/.test(text)) {
      throw invalid(`The header "${name.slice(0, 50)}" cannot be sent.`, line)
    }
    headers[name.toLowerCase()] = text
  }
  return { ...headers }
}

function parsed(text: string): unknown {
  try {
    return parseToml(text, { maxDepth: 20, unsafeKeyBehaviour: 'throw' })
  } catch (error) {
    if (error instanceof TomlError) throw invalid(reasonOf(error), error.line)
    throw error
  }
}

/** The first line of a TomlError; the others quote the file, which may hold a secret. */
function reasonOf(error: TomlError): string {
  const reason = error.message.split('\n', 1)[0] ?? ''
  return `It does not parse: ${reason.replace(/^Invalid TOML document: /, '').slice(0, 200)}.`
}

function checked(value: unknown, text: string): z.infer<typeof fileSchema> {
  const result = fileSchema.safeParse(value)
  if (result.success) return result.data
  const path = (result.error.issues[0]?.path ?? []).map(String)
  const host = path[0] === 'host' ? path[1] : undefined
  throw invalid(
    `${path.join('.').slice(0, 200)} has a value of the wrong type.`,
    host === undefined ? keyLine(text, path[0] ?? '') : lineOf(text, host),
  )
}

const header =
  /^[ \t]*\[[ \t]*(?:host|"host"|'host')[ \t]*\.[ \t]*(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|([A-Za-z0-9_-]+))/

/**
 * Names of [host."…"] tables as they stand in the file. containerd takes tables alone, skips a host's own
 * sub-tables, and asks a host again that is named again after another; a parsed object would put names that
 * look like integers first.
 */
function namesInOrder(text: string): string[] {
  const names: string[] = []
  for (const line of text.split('\n')) {
    const found = header.exec(line)
    if (found === null) continue
    const name = found[1] === undefined ? (found[2] ?? found[3] ?? '') : unescaped(found[1])
    if (name !== names.at(-1)) names.push(name)
  }
  return names
}

function unescaped(text: string): string {
  try {
    return String(JSON.parse(`"${text}"`))
  } catch {
    return text
  }
}

function lineOf(text: string, part: string): number | undefined {
  const index = text.split('\n').findIndex((line) => line.includes(part))
  return index === -1 ? undefined : index + 1
}

function keyLine(text: string, key: string): number | undefined {
  const index = text.split('\n').findIndex((line) => line.trimStart().startsWith(key))
  return index === -1 ? undefined : index + 1
}

function invalid(why: string, line: number | undefined) {
  const place = line === undefined ? 'hosts.toml' : `hosts.toml, line ${line}`
  return failureError(
    'hosts-invalid',
    'input',
    `${place}: ${why} containerd would ignore the whole file and ask the registry itself.`,
    {
      ...(line === undefined ? {} : { evidence: [{ fact: 'line', value: String(line) }] }),
      next: ['fix-line'],
    },
  )
}
