import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createUploadMemory, type UploadMemory } from '../../../electron/oci/upload/memory.ts'
import type { Refused } from '../../../shared/model/upload.ts'

const day = 24 * 60 * 60 * 1000
const refused: Refused[] = [
  { strategy: 'buffered', kind: 'body-refused', answeredBy: 'proxy', status: 400, bytes: 5000, at: 1 },
]
const lesson = { strategy: 'streamed-patch', refused } as const
let directory: string
let now: number
let memory: UploadMemory

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'chartroom-memory-'))
  now = 1000 * day
  memory = createUploadMemory({ directory, clock: { now: () => now } })
})
afterEach(() => rm(directory, { recursive: true }))

it('keeps what was learned of an address, whatever path it is given with', async () => {
  await memory.learn('https://r.example/v2/', lesson)
  expect(await memory.recall('https://r.example')).toEqual({ ...lesson, at: now })
  expect(await memory.recall('https://r.example:8443')).toBeUndefined()
  expect(await memory.recall('http://r.example')).toBeUndefined()
})

it('knows it still in the next run', async () => {
  await memory.learn('https://r.example', lesson)
  const next = createUploadMemory({ directory, clock: { now: () => now + day } })
  expect(await next.recall('https://r.example')).toMatchObject(lesson)
})

it('keeps the newest lesson of an address', async () => {
  await memory.learn('https://r.example', lesson)
  await memory.learn('https://r.example', { strategy: 'chunked', refused: [] })
  expect(await memory.recall('https://r.example')).toMatchObject({ strategy: 'chunked' })
})

it('keeps the relay apart from the direct way, and forgets one or both', async () => {
  await memory.learn('https://r.example', lesson)
  await memory.learn('https://r.example', { ...lesson, strategy: 'chunked' }, 'relay')
  expect(await memory.recall('https://r.example', 'relay')).toMatchObject({ strategy: 'chunked' })
  expect(await memory.forget('https://r.example', 'relay')).toBe(true)
  expect(await memory.recall('https://r.example', 'relay')).toBeUndefined()
  expect(await memory.recall('https://r.example')).toMatchObject(lesson)
  await memory.forget('https://r.example')
  expect(await memory.recall('https://r.example')).toBeUndefined()
})

it('forgets after thirty days, for networks get mended', async () => {
  await memory.learn('https://r.example', lesson)
  now += 30 * day - 1
  expect(await memory.recall('https://r.example')).toBeDefined()
  now += 1
  expect(await memory.recall('https://r.example')).toBeUndefined()
})

it('writes nothing to forget what it does not know', async () => {
  expect(await memory.forget('https://r.example')).toBe(false)
  await expect(readFile(join(directory, 'uploads.json'))).rejects.toThrow('ENOENT')
})

it('does not grow without an end', async () => {
  for (let port = 1; port <= 502; port += 1) await memory.learn(`https://r.example:${port}`, lesson)
  expect(await memory.recall('https://r.example:2')).toBeUndefined()
  expect(await memory.recall('https://r.example:3')).toBeDefined()
})

it('knows nothing where its document is broken, and sets that aside', async () => {
  await writeFile(join(directory, 'uploads.json'), '{"entries":[{"address":7}]}')
  expect(await memory.recall('https://r.example')).toBeUndefined()
  expect(await readFile(join(directory, 'uploads.json.broken'), 'utf8')).toContain('7')
})
