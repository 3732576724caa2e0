import { afterAll, beforeAll } from 'vitest'
import { startEmbeddedRegistry } from '../../electron/demo/registry.ts'
import { startDistribution } from './distribution.ts'
import { startDockerRegistry } from './docker-registry.ts'

/** The registries every interop suite runs against. */
export const servers = [
  { name: 'docker-registry 2.8', start: startDockerRegistry },
  { name: 'distribution 3.1.1', start: startDistribution },
  { name: 'the embedded registry', start: () => startEmbeddedRegistry() },
] as const

/** Runs a server for the tests of a suite; its address is there once they run. */
export function serverFor({ start }: (typeof servers)[number]): { url(): string; host(): string } {
  let server: { url: string; stop(): Promise<void> }
  beforeAll(async () => {
    server = await start()
  })
  afterAll(() => server.stop())
  return { url: () => server.url, host: () => new URL(server.url).host }
}
