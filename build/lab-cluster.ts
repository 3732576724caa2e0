import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import { builtPath, buildGoTool, type GoTool } from './lab-tools.ts'

/** Releases of Spegel the lab runs, the newest first: each says of itself what the one before does not. */
export const spegelReleases = ['v0.7.4', 'v0.6.0', 'v0.4.0', 'v0.1.1'] as const
export type SpegelRelease = (typeof spegelReleases)[number]

const containerd = { module: 'github.com/containerd/containerd/v2', version: 'v2.2.0' }

/** What the lab ran of a cluster, by name. */
export const clusterTools: ReadonlyMap<string, string> = new Map([
  ['spegel', spegelReleases.map((release) => release.slice(1)).join(', ')],
  ['containerd', containerd.version.slice(1)],
])

const spegelIsMissing =
  'Spegel could not be had here: CHARTROOM_SPEGEL may name a folder with spegel-v0.7.4 and the other releases'

export function spegelPath(release: SpegelRelease): string {
  return builtPath('spegel', release)
}

export function containerdPath(program: 'containerd' | 'ctr'): string {
  return builtPath(program, containerd.version)
}

/**
 * Brings the programs of a real Spegel cluster where one can run. Spegel is taken from the folder CHARTROOM_SPEGEL
 * names (`spegel-v0.7.4` and so on) or built from its module, which not every proxy has: `whyNoCluster` then says so.
 */
export async function ensureClusterTools(): Promise<void> {
  if (whyNoRoom() !== undefined) return
  for (const release of spegelReleases) {
    if (!existsSync(spegelPath(release)) && !(await bringSpegel(release))) return
  }
  for (const program of ['containerd', 'ctr'] as const) {
    if (existsSync(containerdPath(program))) continue
    await buildGoTool({ ...containerd, folder: `cmd/${program}` }, containerdPath(program))
  }
}

/** Why the suites on a real cluster are left out on this machine, as the end of a sentence; undefined where they run. */
export function whyNoCluster(): string | undefined {
  const paths = [...spegelReleases.map(spegelPath), containerdPath('containerd'), containerdPath('ctr')]
  return whyNoRoom() ?? (paths.every((path) => existsSync(path)) ? undefined : spegelIsMissing)
}

/** A cluster lives in a network of its own, which is joined to the machine's by a pair of virtual cards. */
function whyNoRoom(): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'they want root on Linux'
  const pair = ['ip', 'link', 'add', 'chartroom-a', 'type', 'veth', 'peer', 'name', 'chartroom-b']
  const { status } = spawnSync('unshare', ['--net', '--mount', ...pair])
  return status === 0 ? undefined : 'network namespaces cannot be made here'
}

async function bringSpegel(release: SpegelRelease): Promise<boolean> {
  const chosen = process.env['CHARTROOM_SPEGEL'] ?? ''
  if (chosen !== '') {
    await copyFile(join(chosen, `spegel-${release}`), spegelPath(release))
    return true
  }
  const tool: GoTool = { module: 'github.com/spegel-org/spegel', version: release, folder: '.' }
  return buildGoTool(tool, spegelPath(release)).then(
    () => true,
    () => false,
  )
}
