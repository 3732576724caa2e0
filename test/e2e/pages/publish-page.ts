import { expect, type Locator, type Page } from '@playwright/test'

/** The Publish screen. */
export class PublishPage {
  readonly page: Page
  constructor(page: Page) {
    this.page = page
  }

  get queue(): Locator {
    return this.page.getByRole('list', { name: 'Charts' })
  }

  get target(): Locator {
    return this.page.getByRole('region', { name: 'Where it goes' })
  }

  get done(): Locator {
    return this.page.getByRole('region', { name: 'Published and verified' })
  }

  /** What the preflight says of one check, by its name on the screen. */
  check(name: string): Locator {
    return this.page
      .getByRole('list', { name: 'What was looked at before anything is sent' })
      .getByRole('listitem')
      .filter({ hasText: new RegExp(`^${name}:`) })
  }

  get failure(): Locator {
    return this.page.getByRole('alert')
  }

  async chooseFile(name: string, bytes: Uint8Array): Promise<void> {
    await this.page
      .locator('input[type=file]:not([webkitdirectory])')
      .setInputFiles({ name, mimeType: 'application/gzip', buffer: Buffer.from(bytes) })
  }

  /** A folder of this machine, as the dialog for folders gives it. */
  async chooseFolder(path: string): Promise<void> {
    await this.page.locator('input[webkitdirectory]').setInputFiles(path)
  }

  get progress(): Locator {
    return this.page.getByRole('region', { name: /^Upload of / })
  }

  get timeline(): Locator {
    return this.page.getByRole('list', { name: 'Requests of this upload in the order they began' })
  }

  /** Behind Advanced: chunks of a size that is offered there, such as `64 KiB`. */
  async chooseChunks(size: string): Promise<void> {
    await this.target.getByRole('button', { name: /^Advanced/ }).click()
    const advanced = this.page.getByRole('dialog', { name: 'Advanced' })
    await advanced.getByRole('radio', { name: 'Chunked' }).check()
    await advanced.getByRole('combobox', { name: 'Size of a chunk' }).click()
    await advanced.getByRole('option', { name: size, exact: true }).click()
    await this.page.keyboard.press('Escape')
    await expect(advanced).toBeHidden()
  }

  /** Without a mode: the one that is chosen already. */
  async sendTo(path: string, mode?: 'Auto' | 'Buffered' | 'Streamed'): Promise<void> {
    await this.target.getByLabel('Path').fill(path)
    if (mode !== undefined) await this.target.getByText(mode, { exact: true }).click()
    await this.target.getByRole('button', { name: /^Publish/ }).click()
  }

  async chooseRegistry(host: string): Promise<void> {
    await this.target.getByRole('combobox', { name: 'Registry' }).click()
    await this.page.getByRole('option', { name: host }).click()
  }

  /** A line of the result, by its heading: `Digest`, `helm pull`. */
  async result(heading: string): Promise<string> {
    await expect(this.done).toBeVisible({ timeout: 20_000 })
    const row = this.done.locator('dl > div').filter({ has: this.page.getByText(heading, { exact: true }) })
    return (await row.locator('code').innerText()).trim()
  }
}
