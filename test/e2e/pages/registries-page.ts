import { expect, type Locator, type Page } from '@playwright/test'

interface Credential {
  username: string
  password: string
}

/** The Registries screen and its dialog. */
export class RegistriesPage {
  readonly page: Page
  constructor(page: Page) {
    this.page = page
  }

  get dialog(): Locator {
    return this.page.getByRole('dialog')
  }

  get tags(): Locator {
    return this.page.getByRole('table', { name: /^Tags of / })
  }

  get detail(): Locator {
    return this.page.getByRole('region', { name: /^Details of / })
  }

  async openAddDialog(): Promise<void> {
    await this.page.getByRole('button', { name: 'Add a registry' }).first().click()
    await expect(this.dialog).toBeVisible()
  }

  async fillDialog(url: string, name: string, credential?: Credential): Promise<void> {
    await this.dialog.getByLabel('Address').fill(url)
    await this.dialog.getByLabel('Name', { exact: true }).fill(name)
    if (credential === undefined) return
    await this.dialog.getByText('User and password', { exact: true }).click()
    await this.dialog.getByLabel('User', { exact: true }).fill(credential.username)
    await this.dialog.getByRole('textbox', { name: 'Password' }).fill(credential.password)
  }

  async test(): Promise<void> {
    await this.dialog.getByRole('button', { name: 'Test' }).click()
  }

  async add(url: string, name: string, credential?: Credential): Promise<void> {
    await this.openAddDialog()
    await this.fillDialog(url, name, credential)
    await this.dialog.getByRole('button', { name: 'Add', exact: true }).click()
    await expect(this.dialog).toBeHidden()
  }

  async openRepository(path: string): Promise<void> {
    await this.page.getByRole('treeitem', { name: path, exact: true }).click()
  }

  async openTag(tag: string): Promise<void> {
    await this.tags.getByRole('link', { name: tag, exact: true }).click()
  }
}
