import { type RegistryOptions, type RegistryProcess, startRegistryProcess } from './registry-process.ts'

/** A real registry (distribution 2.8, Debian's docker-registry) on a loopback port. */
export type DockerRegistry = RegistryProcess

/**
 * Starts a registry with its own temporary storage; deletion is switched on. With `htpasswd` it demands Basic.
 * Throws an error that says what to install where the programs are missing.
 */
export function startDockerRegistry(options: RegistryOptions = {}): Promise<DockerRegistry> {
  return startRegistryProcess('/usr/bin/docker-registry', 'install the package docker-registry', options)
}
