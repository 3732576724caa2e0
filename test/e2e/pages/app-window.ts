import { AxeBuilder } from '@axe-core/playwright'
import { expect, type Page } from '@playwright/test'

export type ScreenTitle = 'Registries' | 'Publish' | 'Mirrors' | 'Pulls' | 'Activity' | 'Settings'

/** The frame around every screen. */
export class AppWindow {
  readonly page: Page
  constructor(page: Page) {
    this.page = page
  }

  async goTo(screen: ScreenTitle): Promise<void> {
    const link = this.page.getByRole('navigation', { name: 'Screens' }).getByRole('link', { name: screen })
    await link.click()
    await expect(link).toHaveAttribute('aria-current', 'page')
  }

  /** Drops files on whatever is in the middle of the window, as a file manager does. */
  async dropAnywhere(files: { name: string; bytes: Uint8Array }[]): Promise<void> {
    const transfer = await this.page.evaluateHandle(
      (given) => {
        const dropped = new DataTransfer()
        for (const { name, base64 } of given) {
          const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))
          dropped.items.add(new File([bytes], name, { type: 'application/gzip' }))
        }
        return dropped
      },
      files.map(({ name, bytes }) => ({ name, base64: Buffer.from(bytes).toString('base64') })),
    )
    const target = this.page.locator('main')
    for (const event of ['dragenter', 'dragover', 'drop']) {
      await target.dispatchEvent(event, { dataTransfer: transfer })
    }
  }

  /** Drops files and folders of this machine through the browser itself, which a page cannot make up. */
  async dropPaths(files: string[]): Promise<void> {
    const session = await this.page.context().newCDPSession(this.page)
    const { width = 0, height = 0 } = this.page.viewportSize() ?? {}
    const data = { items: [], files, dragOperationsMask: 1 }
    for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
      await session.send('Input.dispatchDragEvent', { type, x: width / 2, y: height / 2, data })
    }
    await session.detach()
  }

  /** What axe finds on the screen as it is; the rules are its defaults. */
  async accessibilityProblems(): Promise<string[]> {
    const { violations } = await new AxeBuilder({ page: this.page }).analyze()
    return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 160)}`))
  }
}
