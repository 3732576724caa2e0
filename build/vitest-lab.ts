import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { configDefaults, defineConfig } from 'vitest/config'
import { whyNoCluster } from './lab-cluster.ts'
import { labToolPath } from './lab-tools.ts'

/** The interop suites: real programs both ways, see build/test-lab.ts. */
export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  test: {
    include: ['test/lab/**/*.lab.ts'],
    exclude: [
      ...configDefaults.exclude,
      ...(existsSync(labToolPath('conformance')) ? [] : ['test/lab/spec-suite.lab.ts']),
      ...(whyNoCluster() === undefined ? [] : ['test/lab/cluster*.lab.ts']),
    ],
    pool: 'forks',
    maxWorkers: 2,
    // a gibibyte takes its time on a slow disk
    testTimeout: 180_000,
    hookTimeout: 120_000,
  },
})
