import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { labToolPath } from '../../build/lab-tools.ts'
import { startEmbeddedRegistry } from '../../electron/demo/registry.ts'

const suite = labToolPath('conformance')

// left out by build/vitest-lab.ts where the suite cannot be had, and named at the end of `npm run test:lab`
test('the embedded registry passes the conformance suite of distribution-spec 1.1.1', async () => {
  const registry = await startEmbeddedRegistry()
  const directory = await mkdtemp(join(tmpdir(), 'chartroom-conformance-'))
  try {
    const { code, output } = await run(registry.url, directory)
    expect(output).toMatch(/7\d Passed/)
    expect(output).toContain('0 Failed')
    expect(code).toBe(0)
  } finally {
    await registry.stop()
    await rm(directory, { recursive: true, force: true })
  }
})

async function run(url: string, directory: string): Promise<{ code: unknown; output: string }> {
  const child = spawn(suite, ['-ginkgo.no-color'], {
    cwd: directory,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      PATH: process.env['PATH'] ?? '',
      OCI_ROOT_URL: url,
      OCI_NAMESPACE: 'conformance/one',
      OCI_CROSSMOUNT_NAMESPACE: 'conformance/two',
      OCI_TEST_PULL: '1',
      OCI_TEST_PUSH: '1',
      OCI_TEST_CONTENT_DISCOVERY: '1',
      OCI_TEST_CONTENT_MANAGEMENT: '1',
      OCI_AUTOMATIC_CROSSMOUNT: '1',
      OCI_REPORT_DIR: directory,
    },
  })
  const ended = once(child, 'close')
  const output = await text(child.stdout)
  const [code] = (await ended) as [unknown]
  return { code, output }
}
