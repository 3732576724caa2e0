import { fileURLToPath } from 'node:url'
import { defineConfig } from '@playwright/test'
import journeys from './playwright.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

/** The journeys that need more registries, or more time, than `npm test` has: see build/test-lab.ts. */
export default defineConfig(journeys, {
  testMatch: '*.lab.ts',
  outputDir: `${root}.cache/e2e-lab`,
  reporter: [['list'], ['json', { outputFile: `${root}.cache/results/lab-e2e.json` }]],
})
