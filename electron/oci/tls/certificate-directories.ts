import { open, readdir } from 'node:fs/promises'
import { isAbsolute, join } from 'node:path'
import { FailureError } from '../../../shared/model/failure.ts'
import { trustOfHostsToml } from './hosts-toml.ts'
import { certificatesIn, checkClientPair, withoutKeys } from './pem.ts'

/** Bytes of a file that are read at most; a longer one is not taken. */
const maxFileBytes = 4 * 1024 * 1024
/** Files of one folder that are looked at. */
const maxFiles = 100

/** Folders with one folder per registry: docker's and podman's layout, and containerd's. */
export interface CertificateDirectories {
  docker: readonly string[]
  containerd: readonly string[]
  /** Windows: a folder's name has no colon, so that docker writes host and port together. */
  withoutColon?: boolean
}

/** What the folders say about one registry. */
export interface MachineTrust {
  /** PEM of authorities by the file they stand in. */
  authorities: Array<{ from: string; ca: string }>
  client?: { from: string; certificate: string; key: string }
  /** Files that were to be read and could not be, or that hold something else. */
  unread: string[]
}

/** Where docker, podman and containerd look on this machine; the user's own folders come first. */
export function certificateDirectories(
  home: string,
  env: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform,
): CertificateDirectories {
  const own = [join(home, '.config', 'containers', 'certs.d'), join(home, '.docker', 'certs.d')]
  if (platform === 'win32') {
    const all = join(env['ProgramData'] ?? String.raw`C:\ProgramData`, 'docker', 'certs.d')
    return { docker: [...own, all], containerd: [], withoutColon: true }
  }
  return {
    docker: [...own, '/etc/containers/certs.d', '/etc/docker/certs.d'],
    containerd: ['/etc/containerd/certs.d'],
  }
}

/**
 * Reads what `directories` hold for the registry at `url`. As docker does (docs, "Verify repository client with
 * certificates"), every `*.crt` is an authority beside the system's and `x.cert` with `x.key` a client certificate;
 * of several the first is taken. containerd's `hosts.toml` names its files; its `skip_verify` is not followed: not to
 * verify is decided in this app, where it is seen. Nothing is thrown: what is broken is named in `unread`.
 */
export async function readMachineTrust(
  url: string,
  directories: CertificateDirectories,
): Promise<MachineTrust> {
  const trust: MachineTrust = { authorities: [], unread: [] }
  const names = namesOf(url, directories.withoutColon)
  for (const root of directories.docker) {
    for (const name of names) await takeDockerFiles(trust, join(root, name))
  }
  for (const root of directories.containerd) {
    for (const name of [...names.map((one) => one.replace(/:(\d+)$/, '_$1_')), ...names]) {
      await takeHostsToml(trust, join(root, name), url)
    }
  }
  return trust
}

/** `host:port`, with and without the port that goes without saying. */
function namesOf(url: string, withoutColon = false): string[] {
  const { hostname, port, protocol } = new URL(url)
  const usual = protocol === 'https:' ? '443' : '80'
  const names = port === '' ? [hostname, `${hostname}:${usual}`] : [`${hostname}:${port}`]
  return withoutColon ? names.map((name) => name.replaceAll(':', '')) : names
}

async function takeDockerFiles(trust: MachineTrust, directory: string): Promise<void> {
  const names = await readdir(directory).catch(() => [])
  for (const name of names.sort().slice(0, maxFiles)) {
    const path = join(directory, name)
    if (name.endsWith('.crt')) await takeAuthority(trust, path)
    if (name.endsWith('.cert')) await takeClient(trust, path, path.replace(/cert$/, 'key'))
  }
}

/** containerd falls back to docker's layout where there is no hosts.toml. */
async function takeHostsToml(trust: MachineTrust, directory: string, url: string): Promise<void> {
  const path = join(directory, 'hosts.toml')
  const text = await readText(path)
  if (text === undefined) return takeDockerFiles(trust, directory)
  const named = trustOfHostsToml(text, url)
  if (named === undefined) trust.unread.push(path)
  const resolve = (file: string) => (isAbsolute(file) ? file : join(directory, file))
  for (const file of named?.ca ?? []) await takeAuthority(trust, resolve(file))
  for (const [certificate, key] of named?.client ?? []) {
    await takeClient(trust, resolve(certificate), resolve(key))
  }
}

async function takeAuthority(trust: MachineTrust, path: string): Promise<void> {
  const ca = await readText(path)
  if (ca !== undefined && holds(() => certificatesIn(ca))) trust.authorities.push({ from: path, ca })
  else trust.unread.push(path)
}

async function takeClient(trust: MachineTrust, path: string, keyPath: string): Promise<void> {
  if (trust.client !== undefined) return
  const [text, key] = [await readText(path), await readText(keyPath)]
  // containerd takes both in one file
  const certificate = text === undefined ? '' : withoutKeys(text)
  if (key !== undefined && holds(() => checkClientPair(certificate, key))) {
    trust.client = { from: path, certificate, key }
  } else trust.unread.push(path)
}

function holds(check: () => unknown): boolean {
  try {
    check()
    return true
  } catch (error) {
    if (error instanceof FailureError) return false
    throw error
  }
}

/** undefined for a file that is not there, not a file, not ours to read or too long. */
async function readText(path: string): Promise<string | undefined> {
  const file = await open(path, 'r').catch(() => undefined)
  try {
    const size = (await file?.stat())?.size ?? Infinity
    return size <= maxFileBytes ? await file?.readFile('utf8') : undefined
  } catch {
    return undefined
  } finally {
    await file?.close()
  }
}
