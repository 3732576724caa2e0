import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { SpegelRelease } from '../../build/lab-cluster.ts'
import { labToolPath } from '../../build/lab-tools.ts'
import { type Network, openNetwork, stopChild } from './cluster-network.ts'
import { type ClusterNode, startNode } from './cluster-node.ts'
import { ourPush } from './ours.ts'
import { type Sample, writeLayout } from './samples.ts'

/** A real cluster: an upstream registry, nodes with containerd and Spegel, in a network of its own. */
export interface Cluster {
  nodes: readonly ClusterNode[]
  /** What images of the upstream begin with, and what agents call it. It has two names, as two registries would. */
  registries: readonly [string, string]
  /** Puts an image into the upstream, reachable under both names. */
  push(sample: Sample, repository: string, tag: string): Promise<void>
  stopUpstream(): Promise<void>
  startUpstream(): Promise<void>
  /** Resolves once a lookup finds every one of these, asked by an agent that is on no map: its counters are nobody's. */
  advertised(registry: string, repository: string, parts: readonly ContentPart[]): Promise<void>
  stop(): Promise<void>
}

/** What an agent can be asked for: a tag or digest of a manifest, or a blob's digest. */
export type ContentPart = { kind: 'manifests' | 'blobs'; name: string }

const nodeHosts = [1, 2, 3] as const
const lookoutHost = 9
const upstreamHosts = [100, 101] as const
const folderPrefix = 'chartroom-cluster-'
const patience = 60_000

/** Starts it all; resolves when every agent knows a peer. */
export async function startCluster(release: SpegelRelease): Promise<Cluster> {
  await removeLeftovers()
  const network = await openNetwork([...nodeHosts, lookoutHost, ...upstreamHosts])
  const directory = await mkdtemp(join(tmpdir(), `${folderPrefix}${process.pid}-`))
  const closing: (() => Promise<void>)[] = [
    () => rm(directory, { recursive: true, force: true }),
    () => network.close(),
  ]
  const stop = async () => {
    for (const close of closing.splice(0).toReversed()) await close()
  }
  try {
    const upstream = await openUpstream(network, directory)
    closing.push(() => upstream.stop())
    await upstream.start()
    const startOne = async (host: number): Promise<ClusterNode> => {
      const peer = host === nodeHosts[0] ? nodeHosts[1] : nodeHosts[0]
      const folder = join(directory, `node-${host}`)
      const node = await startNode({ network, release, host, peer, directory: folder })
      closing.push(() => node.stop())
      return node
    }
    const nodes: ClusterNode[] = []
    for (const host of nodeHosts) nodes.push(await startOne(host))
    const lookout = await startOne(lookoutHost)
    const all = [...nodes, lookout]
    await Promise.all(all.map((node) => node.startAgent()))
    for (const node of all) await eventually(() => node.ready(), `${node.mirror} to know a peer`)
    const [first, second] = upstreamHosts
    return {
      nodes,
      registries: [network.address(first), network.address(second)],
      push: async (sample, repository, tag) => {
        const layout = join(directory, 'layouts', `${repository}-${tag}`)
        await writeLayout(layout, sample, tag)
        await ourPush(layout, { url: `http://${network.address(first)}`, repository, tag }, 'buffered')
      },
      startUpstream: upstream.start,
      stopUpstream: upstream.stop,
      advertised: async (registry, repository, parts) => {
        for (const { kind, name } of parts) {
          const url = `${lookout.mirror}/v2/${repository}/${kind}/${name}?ns=${registry}`
          await eventually(
            async () => (await fetch(url, { method: 'HEAD' })).status === 200,
            `${url} to be found`,
          )
        }
      },
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

/** Waits for what the cluster does on its own; throws an error that names it after a minute. */
export async function eventually(holds: () => Promise<boolean>, what: string): Promise<void> {
  const deadline = Date.now() + patience
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`waited a minute for ${what}`)
    await pause(100)
  }
}

async function openUpstream(
  network: Network,
  directory: string,
): Promise<{ start(): Promise<void>; stop(): Promise<void> }> {
  const config = join(directory, 'upstream.yml')
  await writeFile(
    config,
    `version: 0.1
log: { level: error }
storage: { filesystem: { rootdirectory: ${JSON.stringify(join(directory, 'upstream'))} } }
http: { addr: ":80" }
`,
  )
  let stopIt = async () => {}
  return {
    start: async () => {
      const log = join(directory, 'upstream.log')
      const child = network.start(labToolPath('distribution'), ['serve', config], log)
      stopIt = () => stopChild(child)
      const url = `http://${network.address(upstreamHosts[0])}/v2/`
      const answers = () =>
        fetch(url).then(
          () => true,
          () => false,
        )
      await eventually(answers, url)
    },
    stop: () => stopIt(),
  }
}

/** A run that was killed leaves its folder behind, and nothing else: processes and network ended with it. */
async function removeLeftovers(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const [, pid] = new RegExp(`^${folderPrefix}(\\d+)-`).exec(name) ?? []
    if (pid !== undefined && !isAlive(Number(pid))) {
      await rm(join(tmpdir(), name), { recursive: true, force: true })
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
