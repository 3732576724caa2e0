import { test as base } from '@playwright/test'
import { type DockerRegistry, startDockerRegistry } from '../lab/docker-registry.ts'
import { type Helm, openHelm } from '../lab/helm.ts'
import { type Host, startHost } from './host.ts'
import { AppWindow } from './pages/app-window.ts'
import { PublishPage } from './pages/publish-page.ts'
import { RegistriesPage } from './pages/registries-page.ts'

interface Journey {
  /** Command-line options of the browser host: `test.use({ hostOptions: ['--demo'] })`. */
  hostOptions: string[]
  host: Host
  app: AppWindow
  registries: RegistriesPage
  publish: PublishPage
  dockerRegistry: DockerRegistry
  helm: Helm
}

export const account = { username: 'robot', password: 'a password with spaces & signs' }

/** A window on a host of its own; a real registry with a login and real helm for the journeys that name them. */
export const test = base.extend<Journey>({
  hostOptions: [[], { option: true }],
  host: async ({ hostOptions }, use) => {
    const host = await startHost(hostOptions)
    await use(host)
    await host.stop()
  },
  app: async ({ page, host }, use) => {
    await page.goto(host.address)
    await page.getByRole('navigation', { name: 'Screens' }).waitFor()
    await use(new AppWindow(page))
  },
  registries: async ({ app }, use) => use(new RegistriesPage(app.page)),
  publish: async ({ app }, use) => use(new PublishPage(app.page)),
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
