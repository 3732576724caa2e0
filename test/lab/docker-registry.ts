import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { access, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'

const binary = '/usr/bin/docker-registry'

/** A real registry (distribution 2.8, Debian's docker-registry) on a loopback port. */
export interface DockerRegistry {
  /** `http://127.0.0.1:<port>` */
  url: string
  stop(): Promise<void>
}

/**
 * Starts a registry with its own temporary storage; deletion is switched on. With `htpasswd` it demands Basic.
 * Throws an error that says what to install where the programs are missing.
 */
export async function startDockerRegistry(
  options: { htpasswd?: { username: string; password: string } } = {},
): Promise<DockerRegistry> {
  await access(binary).catch(() => {
    throw new Error(`${binary} is missing: install the package docker-registry.`)
  })
  const directory = await mkdtemp(join(tmpdir(), 'chartroom-registry-'))
  // the port was free a moment ago; should another take it, the registry ends at once and the next one is tried
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort()
    await writeFile(join(directory, 'config.yml'), await configOf(directory, port, options.htpasswd))
    const child = spawn(binary, ['serve', join(directory, 'config.yml')], {
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    // a suite that breaks off leaves no registry behind
    const end = () => child.kill('SIGKILL')
    process.once('exit', end)
    child.once('exit', () => process.off('exit', end))
    let log = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => (log = (log + text).slice(-4000)))
    const url = `http://127.0.0.1:${port}`
    if (await answers(url, child)) return { url, stop: () => stop(child, directory) }
    await stopChild(child)
    if (attempt === 5) {
      await rm(directory, { recursive: true, force: true })
      throw new Error(`docker-registry did not start: ${log}`)
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
    const answer = await fetch(`${url}/v2/`).catch(() => undefined)
    if (answer !== undefined) {
      await answer.arrayBuffer()
      return true
    }
    await pause(50)
  }
  return false
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no TCP port was given')
  return address.port
}

async function configOf(
  directory: string,
  port: number,
  htpasswd: { username: string; password: string } | undefined,
): Promise<string> {
  const lines = [
    'version: 0.1',
    'log: { level: error }',
    'storage:',
    `  filesystem: { rootdirectory: ${JSON.stringify(join(directory, 'data'))} }`,
    '  delete: { enabled: true }',
    `http: { addr: "127.0.0.1:${port}" }`,
  ]
  if (htpasswd !== undefined) {
    const path = join(directory, 'htpasswd')
    await writeFile(path, await bcryptLine(htpasswd.username, htpasswd.password))
    lines.push(`auth: { htpasswd: { realm: lab, path: ${JSON.stringify(path)} } }`)
  }
  return `${lines.join('\n')}\n`
}

async function bcryptLine(username: string, password: string): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)('htpasswd', ['-nbB', username, password])
    return stdout
  } catch (error) {
    throw new Error('htpasswd did not run: install the package apache2-utils.', { cause: error })
  }
}
