import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { failureError } from '../../shared/model/local-failure.ts'
import type { ResolvedCredential } from '../oci/credential.ts'
import { askHelper, type Environment } from './helper.ts'

/** Docker Hub's key in every docker config, and the hosts that mean it. */
const hubKey = 'https://index.docker.io/v1/'
const hubHosts = new Set(['docker.io', 'index.docker.io', 'registry-1.docker.io'])
const configBytes = 4 * 1024 * 1024

const entrySchema = z.object({
  auth: z.string().optional(),
  username: z.string().optional(),
  password: z.string().optional(),
  identitytoken: z.string().optional(),
})
const configSchema = z.object({
  auths: z.record(z.string(), entrySchema).optional(),
  credHelpers: z.record(z.string(), z.string()).optional(),
  credsStore: z.string().optional(),
})
type DockerConfig = z.infer<typeof configSchema>

/**
 * What docker would send to the registry at `url`: DOCKER_AUTH_CONFIG, else the config.json in DOCKER_CONFIG or
 * `home`/.docker. In it `credHelpers` come before `credsStore` and both before `auths`; where a helper is named,
 * `auths` is no second choice (docker/cli, config/configfile). Undefined where docker would go anonymously.
 */
export async function dockerCredential(from: {
  url: string
  env: Environment
  home: string
}): Promise<ResolvedCredential | undefined> {
  const config = await readConfig(from.env, from.home)
  if (config === undefined) return undefined
  const { host } = new URL(from.url)
  const key = hubHosts.has(host) ? hubKey : host
  const helper = config.credHelpers?.[key] ?? config.credHelpers?.[host] ?? config.credsStore
  if (helper !== undefined && helper !== '') return askHelper(helper, key, from.env)
  return credentialOf(entryFor(config, key))
}

async function readConfig(env: Environment, home: string): Promise<DockerConfig | undefined> {
  const given = env['DOCKER_AUTH_CONFIG']
  if (given !== undefined && given !== '') return parse(given, 'DOCKER_AUTH_CONFIG')
  // without a home there is none: never one from wherever the app happens to run
  const directory = env['DOCKER_CONFIG'] || (home === '' ? undefined : join(home, '.docker'))
  if (directory === undefined) return undefined
  const path = join(directory, 'config.json')
  try {
    if ((await stat(path)).size > configBytes) throw unusable(path, 'it is too large')
    return parse(await readFile(path, 'utf8'), path)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    if (code === undefined) throw error
    throw unusable(path, `it cannot be read (${code})`)
  }
}

function parse(text: string, name: string): DockerConfig {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    throw unusable(name, 'it is no JSON')
  }
  const parsed = configSchema.safeParse(json)
  if (parsed.success) return parsed.data
  throw unusable(
    name,
    `"${parsed.error.issues[0]?.path.slice(0, 1).join('') ?? ''}" has another shape than docker writes`,
  )
}

/** The file is named, never quoted: what stands in it is secret. */
function unusable(name: string, why: string) {
  return failureError('input-invalid', 'input', `The docker configuration ${name} is not used: ${why}.`, {
    next: ['log-in'],
  })
}

/** Old entries are keyed with scheme and path; they count for their host. */
function entryFor(config: DockerConfig, key: string) {
  const auths = config.auths ?? {}
  const host = bare(key)
  const found = Object.hasOwn(auths, key) ? key : Object.keys(auths).find((name) => bare(name) === host)
  return found === undefined ? undefined : auths[found]
}

function bare(key: string): string {
  return key.replace(/^https?:\/\//, '').split('/', 1)[0] ?? ''
}

function credentialOf(entry: z.infer<typeof entrySchema> | undefined): ResolvedCredential | undefined {
  if (entry === undefined) return undefined
  if (entry.identitytoken !== undefined && entry.identitytoken !== '') {
    return { source: 'docker-config', identityToken: entry.identitytoken }
  }
  const pair = Buffer.from(entry.auth ?? '', 'base64')
    .toString('utf8')
    .replace(/\0+$/, '')
  const colon = pair.indexOf(':')
  const username = colon > 0 ? pair.slice(0, colon) : entry.username
  const password = colon > 0 ? pair.slice(colon + 1) : entry.password
  if (username === undefined || username === '' || password === undefined || password === '') return undefined
  return { source: 'docker-config', username, password }
}
