import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { suitesOfLab } from '../../build/lab.ts'

let root: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'chartroom-'))
})
afterEach(() => rm(root, { recursive: true, force: true }))

test('finds the suites that need a real registry, also through what they import', async () => {
  const files = {
    'test/lab/docker-registry.ts': 'export const start = 1\n',
    'test/direct.test.ts': "import { start } from './lab/docker-registry.ts'\n",
    'test/oci/types-only.test.tsx': "import type { start } from '../lab/docker-registry.ts'\n",
    'test/e2e/pages/window.ts': "export { start } from '../../lab/docker-registry.ts'\n",
    'test/e2e/journey.spec.ts': "import { start } from './pages/window.ts'\n",
    'test/e2e/lazy.spec.ts': "const { start } = await import('./pages/window.ts')\n",
    'test/circle.test.ts': "import './circle-b.ts'\n",
    'test/circle-b.ts': "import './circle.test.ts'\n",
    'test/none.test.ts': "import { test } from 'vitest'\n// from './lab.md'\nimport './gone.ts'\n",
    'test/helper.ts': "import './lab/docker-registry.ts'\n",
  }
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, name)), { recursive: true })
    await writeFile(join(root, name), text)
  }
  expect(suitesOfLab(root)).toEqual([
    'test/direct.test.ts',
    'test/e2e/journey.spec.ts',
    'test/e2e/lazy.spec.ts',
    'test/oci/types-only.test.tsx',
  ])
})
