import { fileURLToPath } from 'node:url'
import { defineConfig } from '@playwright/test'
import { suitesLeftOut } from './lab.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

/** The user journeys: one window at a time, each spec with a host, a profile and servers of its own. */
export default defineConfig({
  testDir: `${root}test/e2e`,
  testIgnore: suitesLeftOut(root).map((suite) => `**/${suite}`),
  outputDir: `${root}.cache/e2e`,
  workers: 2,
  // no journey shares anything with another
  fullyParallel: true,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  forbidOnly: process.env['CI'] !== undefined,
  reporter: [['list'], ['json', { outputFile: `${root}.cache/results/e2e.json` }]],
  use: {
    viewport: { width: 1280, height: 800 },
    trace: 'retain-on-failure',
    launchOptions: {
      ...(process.platform === 'linux'
        ? { executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium' }
        : {}),
      // --no-sandbox because CI runs as root; the rest keeps the browser from asking the network for anything
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
})
