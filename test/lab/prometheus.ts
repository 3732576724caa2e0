import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import { labToolPath } from '../../build/lab-tools.ts'
import { bcryptLine, freePort } from './registry-process.ts'

/** What a real Prometheus scrapes. */
export interface PrometheusTarget {
  /** `host:port` of /metrics. */
  address: string
  /** Beside job and instance. */
  labels?: Readonly<Record<string, string>>
}

export interface PrometheusOptions {
  targets: readonly PrometheusTarget[]
  /** Seconds. */
  scrapeInterval: number
  /** Where its files go; absent: a temporary one, which `stop` removes. */
  directory?: string
  /** What it scraped before it started: OpenMetrics text with timestamps, which promtool makes blocks of. */
  past?: string
  /** `spegel` where it is not said. */
  job?: string
  /** Demands Basic of everybody. */
  user?: { username: string; password: string }
  /** Speaks TLS with these PEM texts, and demands a client certificate of the authority `clients` where it is named. */
  tls?: { cert: string; key: string; clients?: string }
}

/** A real Prometheus (Debian's 2.42) on a loopback port. */
export interface PrometheusProcess {
  /** `http://127.0.0.1:<port>`, https with `tls` */
  url: string
  /** From now on these; what is not among them any more is no target. */
  setTargets(targets: readonly PrometheusTarget[]): Promise<void>
  stop(): Promise<void>
}

/** Starts it; resolves when it answers. Throws an error with its log where it does not start. */
export async function startPrometheus(options: PrometheusOptions): Promise<PrometheusProcess> {
  const directory = options.directory ?? (await mkdtemp(join(tmpdir(), 'chartroom-prometheus-')))
  const cleanUp = () =>
    options.directory === undefined ? rm(directory, { recursive: true, force: true }) : undefined
  await mkdir(directory, { recursive: true })
  await writeTargets(directory, options.targets)
  await writeFile(join(directory, 'prometheus.yml'), configOf(directory, options))
  await writeWebConfig(directory, options)
  if (options.past !== undefined) await writeBlocks(directory, options.past)
  // the port was free a moment ago; should another take it, Prometheus ends at once and the next one is tried
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort()
    const child = spawn(
      labToolPath('prometheus'),
      [
        `--config.file=${join(directory, 'prometheus.yml')}`,
        `--web.config.file=${join(directory, 'web.yml')}`,
        `--storage.tsdb.path=${join(directory, 'data')}`,
        `--web.listen-address=127.0.0.1:${port}`,
      ],
      { stdio: ['ignore', 'ignore', 'pipe'], env: { PATH: process.env['PATH'] ?? '' } },
    )
    // a suite that breaks off leaves no Prometheus behind
    const end = () => child.kill('SIGKILL')
    process.once('exit', end)
    child.once('exit', () => process.off('exit', end))
    let log = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => (log = (log + text).slice(-4000)))
    const url = `${options.tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`
    if (await isReady(() => log, child)) {
      return {
        url,
        setTargets: (targets) => writeTargets(directory, targets),
        stop: async () => {
          await stopChild(child)
          await cleanUp()
        },
      }
    }
    await stopChild(child)
    if (attempt === 5) {
      await cleanUp()
      throw new Error(`Prometheus did not start: ${log}`)
    }
  }
}

/** Its own words; asking it would take its certificate and its password. */
async function isReady(log: () => string, child: ChildProcess): Promise<boolean> {
  const deadline = Date.now() + 30_000
  while (child.exitCode === null && Date.now() < deadline) {
    if (log().includes('Server is ready to receive web requests')) return true
    await pause(20)
  }
  return false
}

async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
}

/** JSON is YAML as well. */
function configOf(directory: string, { scrapeInterval, job = 'spegel' }: PrometheusOptions): string {
  const seconds = `${scrapeInterval}s`
  return JSON.stringify({
    global: { scrape_interval: seconds, scrape_timeout: seconds },
    scrape_configs: [{ job_name: job, file_sd_configs: [{ files: [join(directory, 'targets.json')] }] }],
  })
}

/** Prometheus watches the file: it is put in place whole. */
async function writeTargets(directory: string, targets: readonly PrometheusTarget[]): Promise<void> {
  const path = join(directory, 'targets.json')
  const groups = targets.map(({ address, labels = {} }) => ({ targets: [address], labels }))
  await writeFile(`${path}.new`, JSON.stringify(groups))
  await rename(`${path}.new`, path)
}

async function writeWebConfig(directory: string, { user, tls }: PrometheusOptions): Promise<void> {
  const config: Record<string, unknown> = {}
  if (user !== undefined) {
    const line = (await bcryptLine(user.username, user.password)).trim()
    config['basic_auth_users'] = { [user.username]: line.slice(line.indexOf(':') + 1) }
  }
  if (tls !== undefined) {
    const [cert, key, clients] = ['cert', 'key', 'clients'].map((name) => join(directory, `${name}.pem`)) as [
      string,
      string,
      string,
    ]
    await writeFile(cert, tls.cert)
    await writeFile(key, tls.key)
    config['tls_server_config'] = {
      cert_file: cert,
      key_file: key,
      ...(tls.clients === undefined
        ? {}
        : { client_auth_type: 'RequireAndVerifyClientCert', client_ca_file: clients }),
    }
    if (tls.clients !== undefined) await writeFile(clients, tls.clients)
  }
  await writeFile(join(directory, 'web.yml'), JSON.stringify(config))
}

async function writeBlocks(directory: string, text: string): Promise<void> {
  const path = join(directory, 'past.txt')
  await writeFile(path, text)
  const words = ['tsdb', 'create-blocks-from', 'openmetrics', path, join(directory, 'data')]
  await promisify(execFile)('/usr/bin/promtool', words)
}
