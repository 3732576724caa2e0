import { join } from 'node:path'
import type { CredentialSource } from '../../shared/model/registry.ts'
import type { Environment } from './helper.ts'

/** A place where log-ins are kept: a file, or the text of a variable. */
export interface Place {
  source: Extract<CredentialSource, 'docker' | 'podman' | 'helm'>
  /** As it is shown: `~/.docker/config.json`, `DOCKER_AUTH_CONFIG`. */
  name: string
  at: { path: string } | { text: string }
}

/** What decides where log-ins are kept. */
export interface PlacePorts {
  env: Environment
  /** The user's directory; empty where there is none. */
  home: string
  platform: NodeJS.Platform
  /** The user's number, where the system has one. */
  uid: number | undefined
}

/**
 * Where log-ins are kept, in the order in which they count: docker's, podman's, helm's. A variable that names a file
 * stands for all other files of its tool; without a home there are none: never one from wherever the app happens
 * to run.
 */
export function placesOf(ports: PlacePorts): Place[] {
  return [...dockerPlaces(ports), ...podmanPlaces(ports), ...helmPlaces(ports)]
}

/** docker/cli: DOCKER_AUTH_CONFIG counts before the file and does not replace it. */
function dockerPlaces(ports: PlacePorts): Place[] {
  const { env, home } = ports
  const text = env['DOCKER_AUTH_CONFIG'] ?? ''
  const directory = env['DOCKER_CONFIG'] || under(home, '.docker')
  return [
    ...(text === '' ? [] : [{ source: 'docker' as const, name: 'DOCKER_AUTH_CONFIG', at: { text } }]),
    ...files('docker', home, [directory && join(directory, 'config.json')]),
  ]
}

/** containers-auth.json(5); docker's files, which podman reads too, have been looked at already. */
function podmanPlaces({ env, home, platform, uid }: PlacePorts): Place[] {
  const given = env['REGISTRY_AUTH_FILE'] ?? ''
  if (given !== '') return files('podman', home, [given])
  const runtime =
    env['XDG_RUNTIME_DIR'] || (uid === undefined ? undefined : join('/run/containers', String(uid)))
  const config = env['XDG_CONFIG_HOME'] || under(home, '.config')
  return files('podman', home, [
    platform !== 'linux' || runtime === undefined
      ? undefined
      : env['XDG_RUNTIME_DIR']
        ? join(runtime, 'containers', 'auth.json')
        : join(runtime, 'auth.json'),
    config && join(config, 'containers', 'auth.json'),
    platform === 'linux' ? undefined : under(home, '.config', 'containers', 'auth.json'),
  ])
}

/** helm, pkg/helmpath: HELM_REGISTRY_CONFIG, else registry/config.json of its configuration directory. */
function helmPlaces({ env, home, platform }: PlacePorts): Place[] {
  const given = env['HELM_REGISTRY_CONFIG'] ?? ''
  if (given !== '') return files('helm', home, [given])
  const usual =
    platform === 'win32'
      ? env['APPDATA'] && join(env['APPDATA'], 'helm')
      : platform === 'darwin'
        ? under(home, 'Library', 'Preferences', 'helm')
        : under(home, '.config', 'helm')
  const config = env['XDG_CONFIG_HOME'] ? join(env['XDG_CONFIG_HOME'], 'helm') : usual
  const directory = env['HELM_CONFIG_HOME'] || config
  return files('helm', home, [directory && join(directory, 'registry', 'config.json')])
}

function files(source: Place['source'], home: string, paths: Array<string | undefined>): Place[] {
  const there = new Set(paths.filter((path) => path !== undefined && path !== ''))
  return [...there].map((path) => ({ source, name: shown(path ?? '', home), at: { path: path ?? '' } }))
}

function under(home: string, ...parts: string[]): string | undefined {
  return home === '' ? undefined : join(home, ...parts)
}

function shown(path: string, home: string): string {
  return home !== '' && path.startsWith(home) ? `~${path.slice(home.length)}` : path
}
