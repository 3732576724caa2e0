import { z } from 'zod'

/** Docker Hub's key in every docker config, and the hosts that mean it. */
const hubKey = 'https://index.docker.io/v1/'
const hubHosts = ['docker.io', 'index.docker.io', 'registry-1.docker.io']

const entrySchema = z.object({
  auth: z.string().optional(),
  username: z.string().optional(),
  password: z.string().optional(),
  identitytoken: z.string().optional(),
  registrytoken: z.string().optional(),
})
const fileSchema = z.object({
  auths: z.record(z.string(), entrySchema).nullish(),
  credHelpers: z.record(z.string(), z.string()).nullish(),
  credsStore: z.string().optional(),
})

/** The format docker, podman and helm share (docker/cli, config/configfile; containers-auth.json(5)). */
export type AuthFile = z.infer<typeof fileSchema>

/** What an entry of `auths` holds. */
export type AuthEntry =
  | { username: string; password: string; identityToken?: string }
  | { identityToken: string }
  | { registryToken: string }

/** Parses `text`, or says in half a sentence why it cannot be used. It is never quoted: what stands in it is secret. */
export function parseAuthFile(text: string): { file: AuthFile } | { broken: string } {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    return { broken: 'it is no JSON' }
  }
  const parsed = fileSchema.safeParse(json)
  if (parsed.success) return { file: parsed.data }
  const field = String(parsed.error.issues[0]?.path[0] ?? '')
  return { broken: field === '' ? 'it is no JSON object' : `"${field}" has another shape than docker writes` }
}

/** The helper a file names for the registry at `url`, and the key to ask it with. */
export function helperOf(
  file: AuthFile,
  url: string,
): { suffix: string; key: string; named: boolean } | undefined {
  const hosts = hostsOf(url)
  const isHub = hubHosts.includes(hosts[0] ?? '')
  const named = [...(isHub ? [hubKey] : []), ...hosts].find((host) => hasOwn(file.credHelpers, host))
  const suffix = (named === undefined ? undefined : file.credHelpers?.[named]) ?? file.credsStore
  if (suffix === undefined || suffix === '') return undefined
  // podman's helpers know Docker Hub by its plain name, docker's by its key
  return { suffix, key: named ?? (isHub ? hubKey : (hosts[0] ?? '')), named: named !== undefined }
}

/**
 * The key of `auths` that counts for a repository of the registry at `url`, the most specific first: host/team/app,
 * host/team, host (containers-auth.json(5)); then old keys with scheme or API path, which count for their host.
 * Undefined for `repository` looks for the registry as such.
 */
export function entryKey(file: AuthFile, url: string, repository: string | undefined): string | undefined {
  const hosts = hostsOf(url)
  const parts = repository?.split('/') ?? []
  for (let depth = parts.length; depth >= 0; depth -= 1) {
    const path = parts
      .slice(0, depth)
      .map((part) => `/${part}`)
      .join('')
    const key = hosts.map((host) => host + path).find((name) => hasOwn(file.auths, name))
    if (key !== undefined) return key
  }
  return Object.keys(file.auths ?? {}).find((key) => hosts.includes(oldHost(key) ?? ''))
}

/** Whether a file knows the registry only for some of its repositories. */
export function knowsParts(file: AuthFile, url: string): boolean {
  return Object.keys(file.auths ?? {}).some((key) => hostsOf(url).some((host) => key.startsWith(`${host}/`)))
}

/** What stands under `key`; undefined where it is empty, which means that a helper has it. */
export function entryAt(file: AuthFile, key: string): AuthEntry | undefined {
  const entry = file.auths?.[key]
  if (entry === undefined) return undefined
  if (isText(entry.registrytoken)) return { registryToken: entry.registrytoken }
  const pair = Buffer.from(entry.auth ?? '', 'base64')
    .toString('utf8')
    .replace(/\0+$/, '')
  const colon = pair.indexOf(':')
  const username = colon > 0 ? pair.slice(0, colon) : entry.username
  const password = colon > 0 ? pair.slice(colon + 1) : entry.password
  const identity = isText(entry.identitytoken) ? { identityToken: entry.identitytoken } : undefined
  if (isText(username) && isText(password)) return { username, password, ...identity }
  return identity
}

/** The names a registry may have as a key: a port that goes without saying may be said. */
function hostsOf(url: string): string[] {
  const { host, port, protocol } = new URL(url)
  if (hubHosts.includes(host)) return hubHosts
  return port === '' ? [host, `${host}:${protocol === 'https:' ? 443 : 80}`] : [host]
}

/** The host of a key as old versions of docker wrote it: `https://host/v1/`, `host/v2/`. */
function oldHost(key: string): string | undefined {
  const [, scheme, host, path] = /^(https?:\/\/)?([^/]+)(?:\/(.*))?$/.exec(key) ?? []
  return scheme !== undefined || /^(?:v[12]\/?)?$/.test(path ?? '') ? host : undefined
}

function hasOwn(record: object | null | undefined, key: string): boolean {
  return record !== null && record !== undefined && Object.hasOwn(record, key)
}

function isText(value: string | undefined): value is string {
  return value !== undefined && value !== ''
}
