import type { ChildProcess } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { containerdPath, type SpegelRelease, spegelPath } from '../../build/lab-cluster.ts'
import { type Network, stopChild } from './cluster-network.ts'

/** One node: a containerd, and a Spegel agent on it. */
export interface ClusterNode {
  /** host:port of the agent's metrics. */
  metrics: string
  /** Base URL of its mirror. */
  mirror: string
  /**
   * Pulls as a kubelet's containerd would, through the mirror first. `asks: false` leaves the hosts directory out,
   * as a containerd without config_path does: its mirror is never asked. Throws where the pull fails.
   */
  pull(reference: string, options?: { asks?: boolean }): Promise<void>
  /** Removes the image by every name it has, and what only it held. */
  remove(reference: string): Promise<void>
  /** Starts the agent; resolves when its metrics answer. */
  startAgent(): Promise<void>
  stopAgent(): Promise<void>
  /** Whether it knows a peer. */
  ready(): Promise<boolean>
  stop(): Promise<void>
}

export interface NodeOptions {
  network: Network
  release: SpegelRelease
  /** Its host number, and that of the node whose agent it asks for the way into the cluster. */
  host: number
  peer: number
  /** A directory for everything it writes. */
  directory: string
}

/** The port Spegel's chart gives the mirror on every node. */
export const mirrorPort = 30_020
const metricsPort = 9090
const patience = 30_000

/** Starts the node's containerd; the agent is started by itself. */
export async function startNode(options: NodeOptions): Promise<ClusterNode> {
  const { network, release, host, directory } = options
  const address = network.address(host)
  const socket = join(directory, 'containerd.sock')
  const hosts = join(directory, 'certs.d')
  const log = (name: string) => join(directory, `${name}.log`)
  const ctr = (...words: string[]) =>
    network.run(containerdPath('ctr'), '--address', socket, '--namespace', 'k8s.io', ...words)
  const mirror = `http://${address}:${mirrorPort}`

  await mkdir(directory, { recursive: true })
  await writeFile(join(directory, 'containerd.toml'), containerdConfig(directory, socket, hosts))
  await network.run(
    spegelPath(release),
    'configuration',
    `--containerd-registry-config-path=${hosts}`,
    `--mirror-targets=${mirror}`,
  )
  // Spegel lets containerd pass over a mirror that takes 200 ms to connect: a busy machine is not a node in trouble
  const written = join(hosts, '_default', 'hosts.toml')
  await writeFile(written, (await readFile(written, 'utf8')).replace("'200ms'", "'10s'"))
  const containerd = network.start(
    containerdPath('containerd'),
    ['--config', join(directory, 'containerd.toml')],
    log('containerd'),
  )
  await until(() => ctr('version'), containerd, log('containerd'))

  let agent: ChildProcess | undefined
  const metrics = `${address}:${metricsPort}`
  const stopAgent = async () => {
    if (agent !== undefined) await stopChild(agent)
    agent = undefined
  }
  return {
    metrics,
    mirror,
    pull: async (reference, { asks = true } = {}) => {
      const way = asks ? ['--hosts-dir', hosts] : []
      await ctr('images', 'pull', '--plain-http', ...way, reference)
    },
    remove: async (reference) => {
      // containerd's CRI plugin gives every image the digest of its config as a second name
      const images = (await ctr('images', 'list')).split('\n').map((line) => line.split(/\s+/))
      const digest = images.find(([name]) => name === reference)?.[2]
      if (digest === undefined) throw new Error(`the node has no ${reference}`)
      const names = images.filter((image) => image[2] === digest).map(([name = '']) => name)
      await ctr('images', 'remove', '--sync', ...names)
    },
    startAgent: async () => {
      const words = agentWords(options, address, socket, hosts)
      agent = network.start(spegelPath(release), words, log('spegel'))
      await until(() => asked(`http://${metrics}/metrics`), agent, log('spegel'))
    },
    stopAgent,
    ready: async () => {
      const path = release === 'v0.1.1' ? 'healthz' : 'readyz'
      const answer = await fetch(`${mirror}/${path}`).catch(() => undefined)
      return answer?.status === 200
    },
    stop: async () => {
      await stopAgent()
      await stopChild(containerd)
    },
  }
}

/** Everything below `directory`, and the CRI plugin, without which releases before 0.7 do not start. */
function containerdConfig(directory: string, socket: string, hosts: string): string {
  const quoted = (name: string) => JSON.stringify(join(directory, name))
  return `version = 3
root = ${quoted('root')}
state = ${quoted('state')}
[grpc]
  address = ${JSON.stringify(socket)}
[ttrpc]
  address = ${JSON.stringify(`${socket}.ttrpc`)}
[plugins."io.containerd.internal.v1.opt"]
  path = ${quoted('opt')}
[plugins."io.containerd.nri.v1.nri"]
  disable = true
[plugins."io.containerd.cri.v1.images".registry]
  config_path = ${JSON.stringify(hosts)}
[plugins."io.containerd.cri.v1.runtime".cni]
  conf_dir = ${quoted('cni')}
`
}

function agentWords(
  { release, peer, directory, network }: NodeOptions,
  address: string,
  socket: string,
  hosts: string,
): string[] {
  const words = [
    'registry',
    '--log-level=DEBUG',
    `--registry-addr=${address}:${mirrorPort}`,
    `--router-addr=${address}:5001`,
    `--metrics-addr=${address}:${metricsPort}`,
    `--containerd-sock=${socket}`,
    '--containerd-namespace=k8s.io',
    `--containerd-content-path=${join(directory, 'root', 'io.containerd.content.v1.content')}`,
    '--bootstrap-kind=http',
    `--http-bootstrap-addr=${address}:5002`,
    `--http-bootstrap-peer=http://${network.address(peer)}:5002${release === 'v0.1.1' ? '/id' : ''}`,
    // two cores that do everything at once are slower than nodes: a lookup has to end by itself
    '--mirror-resolve-timeout=5s',
    '--debug-web-enabled',
  ]
  if (release !== 'v0.7.4') words.push(`--containerd-registry-config-path=${hosts}`)
  if (release === 'v0.1.1') words.push(`--local-addr=${address}:${mirrorPort}`)
  else words.push(`--data-dir=${join(directory, 'data')}`)
  return words
}

async function asked(url: string): Promise<void> {
  const answer = await fetch(url)
  await answer.arrayBuffer()
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}`)
}

/** Tries until it works; throws with the log's end where the program ended or half a minute passed. */
async function until(attempt: () => Promise<unknown>, child: ChildProcess, log: string): Promise<void> {
  const deadline = Date.now() + patience
  for (;;) {
    const failed = await attempt().then(
      () => undefined,
      (error: unknown) => error,
    )
    if (failed === undefined) return
    if (child.exitCode !== null || child.signalCode !== null || Date.now() > deadline) {
      const text = await readFile(log, 'utf8').catch(() => '')
      throw new Error(`${log}: ${text.slice(-4000)}`, { cause: failed })
    }
    await pause(100)
  }
}
