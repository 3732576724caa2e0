import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

/** The interop suites: real programs both ways, see build/test-lab.ts. */
export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  test: {
    include: ['test/lab/**/*.lab.ts'],
    pool: 'forks',
    maxWorkers: 2,
    // a gibibyte takes its time on a slow disk
    testTimeout: 180_000,
    hookTimeout: 120_000,
  },
})
