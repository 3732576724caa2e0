import { readFile } from 'node:fs/promises'
import type { Page } from '@playwright/test'
import { type FakeAgent, startFakeAgent } from '../fakes/agent.ts'
import { closedPort } from '../fakes/mirror.ts'
import { expect, test } from './test.ts'

async function ask(page: Page, addresses: readonly string[]): Promise<void> {
  await page.getByRole('button', { name: 'Enter agents' }).click()
  await page.getByLabel('Metrics addresses').fill(addresses.join('\n'))
  await page.getByRole('button', { name: 'Save and ask' }).click()
  await expect(mapOf(page)).toBeVisible()
}

const mapOf = (page: Page) => page.getByRole('application', { name: /^Hits and misses by node/ })

function busyAgent(): Promise<FakeAgent> {
  return startFakeAgent({
    startedAt: 1_790_000_000,
    lastSuccess: 1_790_000_100,
    requests: [
      { registry: 'docker.io', hits: 30, misses: 10 },
      { registry: 'ghcr.io', hits: 0, misses: 4 },
    ],
    answers: { '200': 30, '404': 14 },
  })
}

test('the map shows hits and misses by node, and why an agent does not answer', async ({ app }) => {
  const busy = await busyAgent()
  const page = await startFakeAgent({ startedAt: 1_790_000_000, requests: [] })
  page.say({
    status: 200,
    headers: { 'content-type': 'text/html' },
    body: '<html><body>Sign in</body></html>',
  })
  const down = closedPort
  try {
    await app.goTo('Mirrors')
    await app.page.getByRole('button', { name: 'Enter agents' }).click()
    const addresses = app.page.getByLabel('Metrics addresses')
    await addresses.fill(`not an address at all\n${busy.address}`)
    await addresses.blur()
    await expect(app.page.getByText('Line 1 is no address')).toBeVisible()
    await addresses.fill([busy.address, page.address, down].join('\n'))
    await app.page.getByRole('button', { name: 'Save and ask' }).click()
    await expect(app.page.getByText('3 agents, 1 answers')).toBeVisible()

    const map = mapOf(app.page)
    const said = app.page.locator('[aria-live="polite"]').filter({ hasText: ', docker.io' })
    await map.press('ArrowDown')
    await expect(said).toContainText(`${busy.address}, docker.io`)
    await expect(said).toContainText(/30 hits, 10 misses, 75\s?% hits/)
    await map.press('ArrowDown')
    await expect(said).toContainText('no data')

    await app.page.getByText('Table', { exact: true }).click()
    const row = app.page.getByRole('row').filter({ hasText: busy.address }).filter({ hasText: 'docker.io' })
    await expect(row.getByText('30', { exact: true })).toBeVisible()
    await expect(row.getByText('10', { exact: true })).toBeVisible()
    await app.page.getByRole('button', { name: down, exact: true }).click()
    await expect(app.page.getByText('ECONNREFUSED')).toBeVisible()
    await app.page.getByRole('button', { name: page.address, exact: true }).click()
    await expect(
      app.page.getByRole('region', { name: `Node ${page.address}` }).getByRole('alert'),
    ).toBeVisible()
  } finally {
    await Promise.all([busy.stop(), page.stop()])
  }
})

test('the map is painted in the colours of the theme, which may change', async ({ app }) => {
  const busy = await busyAgent()
  try {
    await app.goTo('Mirrors')
    await ask(app.page, [busy.address])
    const colours = () =>
      mapOf(app.page).evaluate((canvas: HTMLCanvasElement) => {
        const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height)
        const hex = new Set<string>()
        for (let at = 0; at < data.length; at += 4) {
          hex.add(`#${[0, 1, 2].map((part) => data[at + part]!.toString(16).padStart(2, '0')).join('')}`)
        }
        const style = getComputedStyle(canvas)
        return [0, 4].map((step) => hex.has(style.getPropertyValue(`--heat-${step}`).trim()))
      })
    // 75 % is the fifth step of the ramp, nothing but misses the first
    await expect.poll(colours).toEqual([true, true])
    await app.page.emulateMedia({ colorScheme: 'dark' })
    await expect(app.page.locator('html')).toHaveAttribute('data-mantine-color-scheme', 'dark')
    await expect.poll(colours).toEqual([true, true])
  } finally {
    await busy.stop()
  }
})

test('the past is chosen on the timeline and played back, and the map is taken away as a picture', async ({
  app,
}) => {
  const busy = await busyAgent()
  try {
    await app.goTo('Mirrors')
    await ask(app.page, [busy.address])
    const timeline = app.page.getByRole('application', { name: /^Requests over time/ })
    const box = await timeline.boundingBox()
    if (box === null) throw new Error('the timeline is not on screen')
    await app.page.mouse.move(box.x + box.width * 0.5, box.y + 10)
    await app.page.mouse.down()
    await app.page.mouse.move(box.x + box.width * 0.6, box.y + 10)
    await app.page.mouse.up()
    await expect(app.page.getByText('a range of the past')).toBeVisible()
    await app.page.getByRole('button', { name: 'Remove the range' }).click()

    await app.page.getByRole('button', { name: 'Play the past day' }).click()
    const moment = app.page.getByRole('slider', { name: /^Moment of the past day/ })
    await moment.press('End')
    await expect(moment).toHaveAttribute('aria-valuenow', '95')
    await moment.press('Escape')
    await expect(app.page.getByText(/^live, every/)).toBeVisible()

    await app.page.getByRole('button', { name: 'Export' }).click()
    const saving = app.page.waitForEvent('download')
    await app.page.getByRole('menuitem', { name: /^PNG/ }).click()
    const saved = await saving
    expect(saved.suggestedFilename()).toMatch(/^mirrors-.*\.png$/)
    const bytes = await readFile(await saved.path())
    expect(bytes.subarray(1, 4).toString()).toBe('PNG')
    // twice the pixels of the screen, so that it is sharp in a document
    expect(bytes.readUInt32BE(16)).toBeGreaterThan(1300)
  } finally {
    await busy.stop()
  }
})
