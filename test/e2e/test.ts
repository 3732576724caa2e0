import { test as base } from '@playwright/test'
import { type Host, startHost } from './host.ts'
import { AppWindow } from './pages/app-window.ts'
import { PublishPage } from './pages/publish-page.ts'
import { RegistriesPage } from './pages/registries-page.ts'

export interface Journey {
  /** Command-line options of the browser host: `test.use({ hostOptions: ['--demo'] })`. */
  hostOptions: string[]
  host: Host
  app: AppWindow
  registries: RegistriesPage
  publish: PublishPage
}

/** A window on a browser host of its own. */
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
})

export { expect } from '@playwright/test'
