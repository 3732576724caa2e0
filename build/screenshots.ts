import { copyFile, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { bundle } from './bundle.ts'
import { commandOf, root, run } from './run.ts'

/** Pictures the README shows, by the names `test/e2e/looks.spec.ts` gives them. */
const shown = ['registries', 'publish', 'mirrors', 'pulls']

/** Takes the README's pictures anew from the running app: the run that checks every screen takes them. */
await bundle()
const code = await run(process.execPath, [
  commandOf('@playwright/test', 'playwright'),
  'test',
  '--config=build/playwright.ts',
  'looks',
])
if (code !== 0) process.exit(code)

const pictures = join(root, 'build', 'screenshots')
await mkdir(pictures, { recursive: true })
for (const name of shown) {
  for (const theme of ['light', 'dark']) {
    await copyFile(
      join(root, '.cache', 'looks', `${name}-${theme}-1280.png`),
      join(pictures, `${name}-${theme}.png`),
    )
  }
}
