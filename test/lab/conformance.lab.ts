import { afterAll, beforeAll, describe } from 'vitest'
import { testRules } from '../demo/conformance/rules.ts'
import { dockerRegistryDifferences, distributionDifferences } from './differences.ts'
import { startDistribution } from './distribution.ts'
import { startDockerRegistry } from './docker-registry.ts'
import type { RegistryProcess } from './registry-process.ts'

describe.each([
  { name: 'docker-registry 2.8', start: startDockerRegistry, differences: dockerRegistryDifferences },
  { name: 'distribution 3.1.1', start: startDistribution, differences: distributionDifferences },
])('$name, held against distribution-spec v1.1', ({ start, differences }) => {
  let registry: RegistryProcess
  beforeAll(async () => {
    registry = await start()
  })
  afterAll(() => registry.stop())
  testRules(() => registry.url, differences)
})
