import { type DockerRegistry, startDockerRegistry } from '../lab/docker-registry.ts'
import { type Helm, openHelm } from '../lab/helm.ts'
import { test as base } from './test.ts'

export interface Lab {
  dockerRegistry: DockerRegistry
  helm: Helm
}

/** Who may log in to the lab's registry. */
export const account = { username: 'robot', password: 'a password with spaces & signs' }

/** A window beside a real registry that asks for a log-in, and real helm, for the journeys that name them. */
export const test = base.extend<Lab>({
  dockerRegistry: async ({}, use) => {
    const registry = await startDockerRegistry({ htpasswd: account })
    await use(registry)
    await registry.stop()
  },
  helm: async ({}, use) => {
    const helm = await openHelm()
    await use(helm)
    await helm.close()
  },
})

export { expect } from '@playwright/test'
