import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { access, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'

/** A real registry on a loopback port, with temporary storage of its own. */
export interface RegistryProcess {
  /** `http://127.0.0.1:<port>`, https with `tls` */
  url: string
  stop(): Promise<void>
}

export interface RegistryOptions {
  /** Demands Basic of everybody. */
  htpasswd?: { username: string; password: string }
  /** Demands tokens of a service, signed with a key that the PEM certificate vouches for. */
  token?: { realm: string; service: string; issuer: string; certificate: string }
  /** Whether manifests and blobs can be deleted; they can, unless this is false. */
  deletion?: boolean
  /** Takes no writes. */
  readOnly?: boolean
  /** Is a pull-through cache of the registry at this address. */
  cacheOf?: string
  /** Speaks TLS with these PEM texts and demands a client certificate of the authority `clients`. */
  tls?: { cert: string; key: string; clients: string }
}

/**
 * Starts `binary`, a distribution of any version, which is installed as `remedy` says. Throws an error that says
 * what to install where a program is missing.
 */
export async function startRegistryProcess(
  binary: string,
  remedy: string,
  options: RegistryOptions,
): Promise<RegistryProcess> {
  await access(binary).catch(() => {
    throw new Error(`${binary} is missing: ${remedy}.`)
  })
  const directory = await mkdtemp(join(tmpdir(), 'chartroom-registry-'))
  // the port was free a moment ago; should another take it, the registry ends at once and the next one is tried
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort()
    await writeFile(join(directory, 'config.yml'), await configOf(directory, port, options))
    const child = spawn(binary, ['serve', join(directory, 'config.yml')], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { PATH: process.env['PATH'] ?? '', OTEL_TRACES_EXPORTER: 'none' },
    })
    // a suite that breaks off leaves no registry behind
    const end = () => child.kill('SIGKILL')
    process.once('exit', end)
    child.once('exit', () => process.off('exit', end))
    let log = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => (log = (log + text).slice(-4000)))
    const url = `${options.tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`
    if (await answers(url, child)) return { url, stop: () => stop(child, directory) }
    await stopChild(child)
    if (attempt === 5) {
      await rm(directory, { recursive: true, force: true })
      throw new Error(`${binary} did not start: ${log}`)
    }
  }
}

async function stop(child: ChildProcess, directory: string): Promise<void> {
  await stopChild(child)
  await rm(directory, { recursive: true, force: true })
}

async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
}

/** True once GET /v2/ gets any answer; false when the process ended or half a minute passed. */
async function answers(url: string, child: ChildProcess): Promise<boolean> {
  const deadline = Date.now() + 30_000
  while (child.exitCode === null && Date.now() < deadline) {
    if (await fetch(`${url}/v2/`).then(read, isThere)) return true
    await pause(50)
  }
  return false
}

async function read(answer: Response): Promise<boolean> {
  await answer.arrayBuffer()
  return true
}

/** A certificate this process does not trust is an answer, too. */
function isThere(error: Error): boolean {
  const { code } = (error.cause ?? {}) as { code?: unknown }
  return typeof code === 'string' && /CERT/.test(code)
}

/** A port of loopback that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no TCP port was given')
  return address.port
}

async function configOf(directory: string, port: number, options: RegistryOptions): Promise<string> {
  const { htpasswd, token, deletion = true, readOnly = false, cacheOf } = options
  const lines = [
    'version: 0.1',
    'log: { level: error }',
    'storage:',
    `  filesystem: { rootdirectory: ${JSON.stringify(join(directory, 'data'))} }`,
    `  delete: { enabled: ${deletion} }`,
    `  maintenance: { readonly: { enabled: ${readOnly} } }`,
    `http: ${JSON.stringify({ addr: `127.0.0.1:${port}`, ...(await tlsOf(directory, options.tls)) })}`,
  ]
  if (cacheOf !== undefined) lines.push(`proxy: { remoteurl: ${JSON.stringify(cacheOf)} }`)
  if (htpasswd !== undefined) {
    const path = join(directory, 'htpasswd')
    await writeFile(path, await bcryptLine(htpasswd.username, htpasswd.password))
    lines.push(`auth: { htpasswd: { realm: lab, path: ${JSON.stringify(path)} } }`)
  }
  if (token !== undefined) {
    const path = join(directory, 'token.pem')
    await writeFile(path, token.certificate)
    const { realm, service, issuer } = token
    lines.push(`auth: { token: ${JSON.stringify({ realm, service, issuer, rootcertbundle: path })} }`)
  }
  return `${lines.join('\n')}\n`
}

async function tlsOf(directory: string, tls: RegistryOptions['tls']) {
  if (tls === undefined) return {}
  const paths = Object.fromEntries(Object.keys(tls).map((name) => [name, join(directory, `${name}.pem`)]))
  const { cert = '', key = '', clients = '' } = paths
  await writeFile(cert, tls.cert)
  await writeFile(key, tls.key)
  await writeFile(clients, tls.clients)
  return { tls: { certificate: cert, key, clientcas: [clients] } }
}

/** A line of an htpasswd file. Throws an error that says what to install where htpasswd is missing. */
export async function bcryptLine(username: string, password: string): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)('htpasswd', ['-nbB', username, password])
    return stdout
  } catch (error) {
    throw new Error('htpasswd did not run: install the package apache2-utils.', { cause: error })
  }
}
