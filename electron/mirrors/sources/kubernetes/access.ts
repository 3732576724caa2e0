import { resolve } from 'node:path'
import { FailureError } from '../../../../shared/model/failure.ts'
import { failureError } from '../../../../shared/model/local-failure.ts'
import type { KubernetesSettings } from '../../../../shared/model/mirror-source.ts'
import type { ProgramLimits } from '../../../credentials/program.ts'
import type { Connection } from '../../../oci/connection.ts'
import { proxyFor } from '../../../oci/proxy.ts'
import { certificatesIn, checkClientPair } from '../../../oci/tls/pem.ts'
import { authorizationOf, type SourcePorts } from '../source.ts'
import { tokenOfProvider } from './auth-provider.ts'
import { createExecPlugin, type ExecPlugin } from './exec-plugin.ts'
import { impersonationOf } from './impersonation.ts'
import { type KubeCluster, type KubeTarget, readKubeconfig, targetOf } from './kubeconfig.ts'
import { readSmallFile, unusableFile } from './small-file.ts'

/** Milliseconds a kubeconfig, its certificates and its token files hold: client-go reads token files as often. */
const keptMilliseconds = 60_000

/** How an API server is reached, and as whom. */
export interface Access {
  /** Its address without a slash at the end; Rancher's has a path. */
  server: string
  /** The namespace of the context. */
  namespace?: string
  connection: Connection
  headers: Record<string, string>
}

/** The access one context gives, read anew once a minute: a log-in elsewhere writes into the kubeconfig. */
export interface AccessKeeper {
  /**
   * Throws a FailureError that says what of the kubeconfig does not hold, or why its plugin gave nothing; `cancelled` at
   * once when `signal` aborts, while the plugin runs on for whoever asks next.
   */
  get(signal?: AbortSignal): Promise<Access>
  /** The API server did not accept it: the next one is made anew, unless that has happened already. */
  refused(access: Access): void
  /** What failed a moment ago is tried again at once. */
  forgive(): void
}

/** Opens the access of `settings.context`. A credential and TLS given to the source come before the kubeconfig's. */
export function createAccess(
  settings: KubernetesSettings,
  ports: Pick<SourcePorts, 'env' | 'clock' | 'credential' | 'connection'> & { execLimits?: ProgramLimits },
): AccessKeeper {
  const { env, clock, execLimits } = ports
  const plugin = createExecPlugin({ env, clock, ...(execLimits !== undefined ? { limits: execLimits } : {}) })
  let kept: { target: Promise<Prepared>; until: number } | undefined
  /** What was given last, until it is refused: many requests at a time are refused for one and the same. */
  let given: string | undefined

  const prepare = async (): Promise<Prepared> => {
    const target = targetOf(await readKubeconfig(settings.kubeconfig, env), settings.context)
    const server = new URL(target.cluster.server).toString().replace(/\/+$/, '')
    const proxy = target.cluster['proxy-url'] || proxyFor(new URL(server), env)
    return {
      target,
      server,
      ca: await authorityOf(target),
      ...(proxy !== undefined ? { proxy } : {}),
      ...(ports.credential === undefined ? await filesOf(target) : {}),
    }
  }

  const prepared = (): Promise<Prepared> => {
    if (kept === undefined || kept.until <= clock.now()) {
      const target = prepare()
      kept = { target, until: clock.now() + keptMilliseconds }
      // what is broken may be mended before the minute is over
      target.catch(() => {
        if (kept?.target === target) kept = undefined
      })
    }
    return kept.target
  }

  const make = async (): Promise<Access> => {
    const found = await prepared()
    const { cluster, namespace } = found.target
    const { headers, client = found.client } =
      ports.credential === undefined
        ? await identityOf(found, plugin, clock.now())
        : { headers: { authorization: authorizationOf(ports.credential) } }
    const own: Connection = {
      tls: {
        ...(found.ca !== undefined ? { ca: [found.ca] } : {}),
        ...(client !== undefined ? { client } : {}),
        ...(cluster['insecure-skip-tls-verify'] === true ? { verify: false } : {}),
        ...(cluster['tls-server-name'] ? { serverName: cluster['tls-server-name'] } : {}),
      },
      ...(found.proxy !== undefined ? { proxy: found.proxy } : {}),
    }
    const asked = ports.connection
    const access: Access = {
      server: found.server,
      ...(namespace !== undefined ? { namespace } : {}),
      connection: { ...own, ...asked, tls: { ...own.tls, ...asked?.tls } },
      headers,
    }
    given = JSON.stringify(access)
    return access
  }

  return {
    get: (signal) => unlessAborted(make(), signal),
    refused: (access) => {
      if (given !== JSON.stringify(access)) return
      given = undefined
      kept = undefined
      plugin.forget()
    },
    forgive: plugin.forgive,
  }
}

async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>()
  const abort = () => reject(failureError('cancelled', 'token', 'Cancelled.', { next: ['none-needed'] }))
  if (signal?.aborted === true) abort()
  signal?.addEventListener('abort', abort, { once: true })
  try {
    return await Promise.race([work, promise])
  } finally {
    signal?.removeEventListener('abort', abort)
  }
}

type Client = NonNullable<NonNullable<Connection['tls']>['client']>

/** A context with what stands in files. */
interface Prepared {
  target: KubeTarget
  server: string
  proxy?: string
  ca: string | undefined
  client?: Client
  token?: string
}

async function filesOf({ user, userFolder }: KubeTarget): Promise<Pick<Prepared, 'client' | 'token'>> {
  const certificate = await textOf(user, 'client-certificate', userFolder)
  const key = await textOf(user, 'client-key', userFolder)
  if (certificate !== undefined && key !== undefined) {
    checked('client certificate', () => checkClientPair(certificate, key))
  }
  const token = user.token || (user.tokenFile && (await contentOf(user.tokenFile, userFolder)).trim())
  return {
    ...(certificate !== undefined && key !== undefined ? { client: { certificate, key } } : {}),
    ...(token ? { token } : {}),
  }
}

/** In the order of client-go: a token, user and password, the exec plugin, an auth-provider. */
async function identityOf(
  { target, token, ca, server }: Prepared,
  plugin: ExecPlugin,
  now: number,
): Promise<{ headers: Record<string, string>; client?: Client }> {
  const { user, userFolder, cluster } = target
  const { username, password = '', exec } = user
  const provider = user['auth-provider']
  const headers = impersonationOf(user)
  const bearer = (value: string) => ({
    ...headers,
    authorization: authorizationOf({ kind: 'bearer', token: value }),
  })
  if (token !== undefined) return { headers: bearer(token) }
  if (username) {
    return { headers: { ...headers, authorization: authorizationOf({ kind: 'basic', username, password }) } }
  }
  if (exec !== undefined) {
    const shown = clusterOfExec(server, cluster, ca)
    const given = await plugin.credential({ exec, folder: userFolder, cluster: shown })
    return {
      headers: given.token === undefined ? headers : bearer(given.token),
      ...(given.client !== undefined ? { client: given.client } : {}),
    }
  }
  return { headers: provider === undefined ? headers : bearer(tokenOfProvider(provider, now)) }
}

/** `spec.cluster` of ExecCredential. */
function clusterOfExec(
  server: string,
  cluster: KubeCluster,
  ca: string | undefined,
): Record<string, unknown> {
  const config = cluster.extensions?.find(({ name }) => name === 'client.authentication.k8s.io/exec')
  return {
    server,
    ...(cluster['tls-server-name'] ? { 'tls-server-name': cluster['tls-server-name'] } : {}),
    ...(cluster['insecure-skip-tls-verify'] === true ? { 'insecure-skip-tls-verify': true } : {}),
    ...(ca !== undefined ? { 'certificate-authority-data': Buffer.from(ca).toString('base64') } : {}),
    ...(cluster['proxy-url'] ? { 'proxy-url': cluster['proxy-url'] } : {}),
    ...(config !== undefined ? { config: config.extension } : {}),
  }
}

async function authorityOf({ cluster, clusterFolder }: KubeTarget): Promise<string | undefined> {
  const pem = await textOf(cluster, 'certificate-authority', clusterFolder)
  if (pem !== undefined) checked('certificate-authority', () => certificatesIn(pem))
  return pem
}

/** Says where in the kubeconfig a certificate stands that does not hold. */
function checked(what: string, check: () => void): void {
  try {
    check()
  } catch (error) {
    if (!(error instanceof FailureError)) throw error
    throw failureError('input-invalid', 'input', `The ${what} in the kubeconfig: ${error.failure.message}`, {
      next: ['check-kubeconfig'],
    })
  }
}

/** The text of `name`, from the data in the kubeconfig or else the file it names. */
async function textOf<K extends string>(
  entry: { readonly [key in K | `${K}-data`]?: string | undefined },
  name: K,
  folder: string,
): Promise<string | undefined> {
  const data = entry[`${name}-data`]
  if (data) return Buffer.from(data, 'base64').toString('utf8')
  const path = entry[name]
  return path ? contentOf(path, folder) : undefined
}

async function contentOf(path: string, folder: string): Promise<string> {
  const file = resolve(folder, path)
  const content = await readSmallFile(file)
  if (content === undefined) throw unusableFile(file, 'there is no such file')
  return content
}
