import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { chromium } from '@playwright/test'

/*
 * Draws icon.png from icon.svg: `node build/icons/draw.ts`. Run by hand after the drawing changed, because both
 * are committed; electron-builder makes the other formats from the PNG.
 */
const size = 1024
const svg = await readFile(join(import.meta.dirname, 'icon.svg'), 'utf8')
const executablePath =
  process.env['CHROMIUM'] ?? (process.platform === 'linux' ? '/usr/bin/chromium' : undefined)
const browser = await chromium.launch({
  args: ['--no-sandbox'],
  ...(executablePath === undefined ? {} : { executablePath }),
})
const page = await browser.newPage({ viewport: { width: size, height: size } })
await page.setContent(`<style>body{margin:0}</style>${svg}`)
await page.screenshot({ path: join(import.meta.dirname, 'icon.png'), omitBackground: true })
await browser.close()
