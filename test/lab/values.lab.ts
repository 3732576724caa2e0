import { join } from 'node:path'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { expectAsHelmTemplate } from '../fixtures/charts/as-helm-values.ts'
import { valuesCases } from '../fixtures/charts/values-cases.ts'
import { openTool, type Tool } from './tool.ts'

let helm: Tool
beforeAll(async () => {
  helm = await openTool('helm')
})
afterAll(() => helm.close())

describe('helm template agrees about values and their schemas', () => {
  test.each(valuesCases)('$what: $finding', async (one) => {
    await expectAsHelmTemplate(one, join(helm.directory, 'cart.tgz'), (path) => helm.run('template', path))
  })
})
