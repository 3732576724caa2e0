import { execFile } from 'node:child_process'
import { copyFile, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, posix } from 'node:path'
import { promisify } from 'node:util'
import { root } from './run.ts'
import { exists, onPath } from './tools.ts'

/** A program the lab builds from its Go module; Go's checksum database vouches for what comes. */
export interface GoTool {
  module: string
  version: string
  /** The package below the module, `.` for the module's own; without it the module's tests are the program. */
  folder?: string
}

/**
 * One version each, the same on every machine. There is an oras 1.3, which the checksum database could not vouch for
 * where this was written.
 */
const goTools: Record<GoToolName, GoTool> = {
  distribution: {
    module: 'github.com/distribution/distribution/v3',
    version: 'v3.1.1',
    folder: 'cmd/registry',
  },
  crane: { module: 'github.com/google/go-containerregistry', version: 'v0.22.1', folder: 'cmd/crane' },
  oras: { module: 'oras.land/oras', version: 'v1.2.3', folder: 'cmd/oras' },
  regctl: { module: 'github.com/regclient/regclient', version: 'v0.11.7', folder: 'cmd/regctl' },
  helm: { module: 'helm.sh/helm/v4', version: 'v4.2.4', folder: 'cmd/helm' },
  // distribution-spec's tag v1.1.1, whose suite is a module of its own without a tag
  conformance: {
    module: 'github.com/opencontainers/distribution-spec/conformance',
    version: 'v0.0.0-20250123160558-a139cc423184',
  },
}

/** Programs that come as Debian packages of their name. */
const debianTools: Record<DebianToolName, string> = {
  skopeo: '/usr/bin/skopeo',
  'docker-registry': '/usr/bin/docker-registry',
  prometheus: '/usr/bin/prometheus',
}

type GoToolName = 'distribution' | 'crane' | 'oras' | 'regctl' | 'helm' | 'conformance'
type DebianToolName = 'skopeo' | 'docker-registry' | 'prometheus'
export type LabTool = GoToolName | DebianToolName

/** Where a program of the lab is once `ensureLabTools` has brought it. */
export function labToolPath(tool: LabTool): string {
  if (tool === 'skopeo' || tool === 'docker-registry' || tool === 'prometheus') return debianTools[tool]
  return builtPath(tool, goTools[tool].version)
}

/** Where a Go program of the lab is kept once it is built. */
export function builtPath(name: string, version: string): string {
  return join(root, '.cache', 'tools', 'lab', `${name}-${version}`)
}

/**
 * Builds what is missing of the lab's Go programs, and answers with the version of each part. skopeo and
 * docker-registry have to be there. The conformance suite is taken from where CHARTROOM_CONFORMANCE says, and left
 * out where its module cannot be had: not every proxy has it. Throws an Error whose message tells a person what to do.
 */
export async function ensureLabTools(): Promise<Map<LabTool, string>> {
  const versions = new Map<LabTool, string>()
  for (const name of ['skopeo', 'docker-registry'] as const) versions.set(name, await debianVersion(name))
  for (const name of ['distribution', 'crane', 'oras', 'regctl', 'helm'] as const) {
    if (!(await exists(labToolPath(name)))) await buildGoTool(goTools[name], labToolPath(name))
    versions.set(name, goTools[name].version.slice(1))
  }
  if (await hasConformance()) versions.set('conformance', 'distribution-spec 1.1.1')
  return versions
}

/** The version of a Debian package's program, as it says itself. */
export async function debianVersion(name: DebianToolName): Promise<string> {
  const { stdout } = await promisify(execFile)(debianTools[name], ['--version'])
  return /\d+\.\d+\S*/.exec(stdout)?.[0] ?? 'unknown'
}

async function hasConformance(): Promise<boolean> {
  const path = labToolPath('conformance')
  if (await exists(path)) return true
  const chosen = process.env['CHARTROOM_CONFORMANCE'] ?? ''
  if (chosen === '') {
    return buildGoTool(goTools.conformance, path).then(
      () => true,
      () => false,
    )
  }
  await copyFile(chosen, path)
  return true
}

/**
 * Builds a program to `target`, in a module of its own that requires the tool's, which `go build` resolves as
 * `go install` would, but without asking for the list of the module's versions, which not every proxy has. Throws an
 * Error that names what could not be built.
 */
export async function buildGoTool({ module, version, folder }: GoTool, target: string): Promise<void> {
  const go = await onPath('go')
  if (go === undefined) {
    throw new Error('The lab builds its programs with Go: install it so that `go` is on PATH.')
  }
  const wanted = posix.join(module, folder ?? '.')
  console.log(`building ${wanted} ${version}`)
  const workshop = await mkdtemp(join(tmpdir(), 'chartroom-go-'))
  try {
    await mkdir(dirname(target), { recursive: true })
    await writeFile(join(workshop, 'go.mod'), `module workshop\n\ngo 1.24\n\nrequire ${module} ${version}\n`)
    // written beside and renamed, so that a broken-off build leaves no half program
    const command = folder === undefined ? ['test', '-c'] : ['build']
    const words = [...command, '-mod=mod', '-o', `${target}.new`, wanted]
    const env = { ...process.env, GO111MODULE: 'on', GOFLAGS: '', GOWORK: 'off' }
    await promisify(execFile)(go, words, { cwd: workshop, env, maxBuffer: 16 * 1024 * 1024 })
    await rename(`${target}.new`, target)
  } catch (error) {
    throw new Error(`${wanted} ${version} could not be built.`, { cause: error })
  } finally {
    await rm(workshop, { recursive: true, force: true })
  }
}
