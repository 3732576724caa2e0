import { delimiter, dirname, join, resolve } from 'node:path'
import { parse, YAMLParseError } from 'yaml'
import { z } from 'zod'
import { failureError } from '../../../../shared/model/local-failure.ts'
import type { KubeContext } from '../../../../shared/model/mirror-source.ts'
import type { Environment } from '../../../credentials/helper.ts'
import { homeOf } from '../../../credentials/machine.ts'
import { inClusterConfig } from './in-cluster.ts'
import { readSmallFile, unusableFile } from './small-file.ts'

/*
 * Read by this app and not by @kubernetes/client-node 2.0.1, which the tests compare it with. That package does not
 * merge as kubectl does (the last current-context wins, a name that comes twice and a missing file of KUBECONFIG are
 * errors; tokenFile, as-groups and a command beside the kubeconfig are unknown), reads files and runs log-ins of old
 * providers while the whole app stands still, bounds no exec plugin, sees only the environment of its own process, and
 * makes its requests past Activity. Loading it takes half a second and 90 MB.
 */

/** Files of KUBECONFIG that are read at most. */
const maxFiles = 100

const text = z.string().optional()

const clusterSchema = z.object({
  server: z.url({ protocol: /^https?$/ }),
  'certificate-authority': text,
  'certificate-authority-data': text,
  'insecure-skip-tls-verify': z.boolean().optional(),
  'tls-server-name': text,
  'proxy-url': text,
  extensions: z.array(z.object({ name: z.string(), extension: z.unknown() })).optional(),
})
export type KubeCluster = z.infer<typeof clusterSchema>

/** A command that prints a credential (client.authentication.k8s.io, ExecCredential). */
const execSchema = z.object({
  apiVersion: text,
  command: z.string().min(1),
  args: z.array(z.string()).optional(),
  env: z.array(z.object({ name: z.string().min(1), value: z.string() })).optional(),
  installHint: text,
  provideClusterInfo: z.boolean().optional(),
  interactiveMode: text,
})
export type KubeExec = z.infer<typeof execSchema>

const userSchema = z.object({
  token: text,
  tokenFile: text,
  'client-certificate': text,
  'client-certificate-data': text,
  'client-key': text,
  'client-key-data': text,
  username: text,
  password: text,
  as: text,
  'as-uid': text,
  'as-groups': z.array(z.string()).optional(),
  'as-user-extra': z.record(z.string(), z.array(z.string())).optional(),
  'auth-provider': z
    .object({ name: z.string(), config: z.record(z.string(), z.string()).optional() })
    .optional(),
  exec: execSchema.optional(),
})
export type KubeUser = z.infer<typeof userSchema>

const contextSchema = z.object({ cluster: z.string(), user: text, namespace: text })

const namedSchema = z.array(z.looseObject({ name: z.string() })).default([])
const fileSchema = z.object({
  clusters: namedSchema,
  users: namedSchema,
  contexts: namedSchema,
  'current-context': z.string().default(''),
})

/** An entry and the folder its relative paths start at; without a value it is broken. */
interface Entry<T> {
  value: T | undefined
  folder: string
}

/** Kubeconfig files as one: of entries of one name the first counts. */
export interface Kubeconfig {
  /** Files that were read; none where there are none. */
  files: string[]
  current: string
  contexts: Map<string, Entry<z.infer<typeof contextSchema>>>
  clusters: Map<string, Entry<KubeCluster>>
  users: Map<string, Entry<KubeUser>>
}

/** A context and what it leads to. Relative paths in `cluster` and `user` start at their folders. */
export interface KubeTarget {
  name: string
  namespace?: string
  cluster: KubeCluster
  clusterFolder: string
  user: KubeUser
  userFolder: string
}

/**
 * Reads `path`, or without one what kubectl reads: the files of KUBECONFIG that are there, or ~/.kube/config
 * (Kubernetes' documentation, "Organizing Cluster Access Using kubeconfig Files"), or in a pod what `serviceAccount`
 * holds. Throws a FailureError `input-invalid` that names a file which does not parse, or the given one where it is not
 * there.
 */
export async function readKubeconfig(
  path: string | undefined,
  env: Environment,
  serviceAccount?: string,
): Promise<Kubeconfig> {
  const config: Kubeconfig = {
    files: [],
    current: '',
    contexts: new Map(),
    clusters: new Map(),
    users: new Map(),
  }
  const given = path?.trim() ? withHome(path.trim(), env) : undefined
  for (const file of given === undefined ? usualFiles(env) : [given]) {
    const content = await readSmallFile(file)
    if (content === undefined && given !== undefined) throw unusableFile(file, 'there is no such file')
    if (content === undefined) continue
    merge(config, parseFile(content, file), dirname(file))
    config.files.push(file)
  }
  if (given === undefined && config.files.length === 0) {
    const own = await inClusterConfig(env, serviceAccount)
    if (own !== undefined) merge(config, own, '')
  }
  return config
}

/**
 * The contexts of a kubeconfig, of the given file or of what kubectl would read; none where there is none.
 * `server` is empty where the cluster is missing or broken. Throws as `readKubeconfig` does.
 */
export async function kubeContexts(kubeconfig: string | undefined, env: Environment): Promise<KubeContext[]> {
  const { contexts, clusters, current } = await readKubeconfig(kubeconfig, env)
  return [...contexts].flatMap(([name, { value }]) => {
    if (value === undefined) return []
    const { cluster, namespace } = value
    const server = clusters.get(cluster)?.value?.server ?? ''
    return [{ name, cluster, server, current: name === current, ...(namespace ? { namespace } : {}) }]
  })
}

/** What a context leads to. Throws a FailureError `input-invalid` where something it names is not there or broken. */
export function targetOf(config: Kubeconfig, name: string): KubeTarget {
  const pick = <T>(entries: Map<string, Entry<T>>, what: string, wanted: string) => {
    const entry = entries.get(wanted)
    if (entry?.value !== undefined) return { value: entry.value, folder: entry.folder }
    const where =
      config.files.length === 0 ? 'there is no kubeconfig' : `looked in ${config.files.join(', ')}`
    const why =
      entry === undefined ? `does not exist: ${where.slice(0, 1000)}` : 'is not complete or not valid'
    throw failureError('input-invalid', 'input', `The ${what} "${wanted.slice(0, 200)}" ${why}.`, {
      next: ['check-kubeconfig'],
    })
  }
  const context = pick(config.contexts, 'context', name).value
  const cluster = pick(config.clusters, 'cluster', context.cluster)
  const user = context.user ? pick(config.users, 'user', context.user) : { value: {}, folder: cluster.folder }
  return {
    name,
    ...(context.namespace ? { namespace: context.namespace } : {}),
    cluster: cluster.value,
    clusterFolder: cluster.folder,
    user: user.value,
    userFolder: user.folder,
  }
}

function merge(config: Kubeconfig, file: z.infer<typeof fileSchema>, folder: string): void {
  addNew(config.clusters, file.clusters, 'cluster', clusterSchema, folder)
  addNew(config.users, file.users, 'user', userSchema, folder)
  addNew(config.contexts, file.contexts, 'context', contextSchema, folder)
  config.current ||= file['current-context']
}

function addNew<T>(
  into: Map<string, Entry<T>>,
  entries: z.infer<typeof namedSchema>,
  key: string,
  schema: z.ZodType<T>,
  folder: string,
): void {
  for (const entry of entries) {
    if (!into.has(entry.name))
      into.set(entry.name, { value: schema.safeParse(entry[key] ?? {}).data, folder })
  }
}

function usualFiles(env: Environment): string[] {
  const listed = (env['KUBECONFIG'] ?? '').split(delimiter).filter((path) => path !== '')
  if (listed.length > 0) return [...new Set(listed.map((path) => resolve(path)))].slice(0, maxFiles)
  const home = homeOf(env)
  return home === '' ? [] : [join(home, '.kube', 'config')]
}

function withHome(path: string, env: Environment): string {
  return /^~[/\\]/.test(path) ? join(homeOf(env), path.slice(2)) : resolve(path)
}

/** YAML, of which JSON is a part. The parser's own words quote the text, so that only the line is told. */
function parseFile(content: string, file: string): z.infer<typeof fileSchema> {
  let value: unknown
  try {
    value = parse(content)
  } catch (error) {
    const line = error instanceof YAMLParseError ? error.linePos?.[0].line : undefined
    throw unusableFile(
      file,
      line === undefined ? 'it is no YAML' : `it is no YAML from line ${line} on`,
      line,
    )
  }
  const parsed = fileSchema.safeParse(withoutNulls(value ?? {}))
  if (!parsed.success) throw unusableFile(file, 'it is no kubeconfig')
  return parsed.data
}

/** To Go, in which kubectl reads it, null is the same as absent. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, part]) => part !== null)
      .map(([key, part]) => [key, withoutNulls(part)]),
  )
}
