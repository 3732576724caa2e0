import { afterAll, beforeAll, describe } from 'vitest'
import { type EmbeddedRegistry, startEmbeddedRegistry } from '../../electron/demo/registry.ts'
import { testRules } from './conformance/rules.ts'

let registry: EmbeddedRegistry

beforeAll(async () => {
  registry = await startEmbeddedRegistry()
})
afterAll(() => registry.stop())

describe('the embedded registry, held against distribution-spec v1.1', () => testRules(() => registry.url))
