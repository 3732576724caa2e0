import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createContentCache } from '../../../electron/oci/cache/content-cache.ts'
import { digestOf } from '../content.ts'

const writer = fileURLToPath(new URL('endless-writer.ts', import.meta.url))
const maxBytes = 1024 * 1024

let directory: string
const children: ChildProcess[] = []

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'chartroom-crash-'))
})
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  await rm(directory, { recursive: true, force: true })
})

/** Another process on the same directory that is killed in the midst of its work, once it has kept `count` entries. */
async function killedAfter(count: number): Promise<void> {
  const child = spawn(process.execPath, [writer, directory, String(maxBytes)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  children.push(child)
  const ended = once(child, 'exit')
  let lines = 0
  for await (const line of createInterface({ input: child.stdout })) {
    lines += line === '' ? 0 : 1
    if (lines === count) child.kill('SIGKILL')
  }
  await ended
  expect(lines).toBeGreaterThanOrEqual(count)
}

async function entries(): Promise<Array<{ name: string; bytes: Buffer }>> {
  const found = await readdir(directory, { recursive: true, withFileTypes: true })
  return Promise.all(
    found
      .filter((one) => one.isFile())
      .map(async ({ name, parentPath }) => ({ name, bytes: await readFile(join(parentPath, name)) })),
  )
}

test('three processes that share the cache and are killed at work leave nothing half and nothing above the bound', async () => {
  await Promise.all([killedAfter(120), killedAfter(150), killedAfter(200)])
  // a day later: what the dead left unfinished is older than any write
  const now = Date.now() + 24 * 60 * 60 * 1000
  const cache = createContentCache({
    directory,
    maxBytes: () => Promise.resolve(maxBytes),
    clock: { now: () => now },
  })
  const bytes = Buffer.from('the next start')
  await cache.put(digestOf(bytes), bytes)
  const kept = await entries()
  expect(kept.length).toBeGreaterThan(20)
  for (const { name, bytes: content } of kept) expect(digestOf(content)).toBe(`sha256:${name}`)
  expect(kept.reduce((sum, one) => sum + one.bytes.length, 0)).toBeLessThanOrEqual(maxBytes)
})
