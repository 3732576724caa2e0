import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type ContentCache, createContentCache } from '../../../electron/oci/cache/content-cache.ts'

const kibibyte = 1024
let profile: string
let directory: string
let now: number
let maxBytes: number

beforeEach(async () => {
  profile = await mkdtemp(join(tmpdir(), 'chartroom-cache-'))
  directory = join(profile, 'cache')
  now = Date.parse('2026-01-01T00:00:00Z')
  maxBytes = 16 * kibibyte
})
afterEach(() => rm(profile, { recursive: true, force: true }))

const open = (): ContentCache =>
  createContentCache({ directory, maxBytes: () => Promise.resolve(maxBytes), clock: { now: () => now } })
const digestOf = (bytes: Uint8Array, algorithm = 'sha256') =>
  `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`
/** A kibibyte that is like no other. */
const block = (number: number) => Buffer.alloc(kibibyte, `block ${number} `)
const pathOf = (digest: string) => {
  const [algorithm = '', encoded = ''] = digest.split(':')
  return join(directory, algorithm, encoded.slice(0, 2), encoded)
}
/** Puts a block a second after the last one. */
async function putBlock(cache: ContentCache, number: number): Promise<string> {
  now += 1000
  const digest = digestOf(block(number))
  await cache.put(digest, block(number))
  return digest
}
async function files(): Promise<string[]> {
  const found = await readdir(directory, { recursive: true, withFileTypes: true })
  return found.filter((one) => one.isFile()).map(({ name }) => name)
}
async function bytesKept(): Promise<number> {
  const found = await readdir(directory, { recursive: true, withFileTypes: true })
  const sizes = found
    .filter((one) => one.isFile())
    .map(async (one) => (await stat(join(one.parentPath, one.name))).size)
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)
}

test.each(['sha256', 'sha512'])(
  'what is put comes back by its %s digest, also to the next instance',
  async (algorithm) => {
    const digest = digestOf(block(1), algorithm)
    await open().put(digest, block(1))
    expect(await open().get(digest)).toEqual(block(1))
    expect(await open().get(digestOf(block(2), algorithm))).toBeUndefined()
  },
)

test('only the user may look into it', async () => {
  await mkdir(directory, { mode: 0o755 })
  const digest = await putBlock(open(), 1)
  expect((await stat(directory)).mode & 0o777).toBe(0o700)
  expect((await stat(pathOf(digest))).mode & 0o777).toBe(0o600)
})

test('bytes that are not the ones the digest names are neither kept nor handed out', async () => {
  const cache = open()
  const digest = digestOf(block(1))
  await cache.put(digest, block(2))
  expect(await cache.get(digest)).toBeUndefined()
  await cache.put(digest, block(1))
  await writeFile(pathOf(digest), 'half of it')
  expect(await cache.get(digest)).toBeUndefined()
  expect(await files()).toEqual([])
  await cache.put(digest, block(1))
  expect(await cache.get(digest)).toEqual(block(1))
})

test('what is no digest leads nowhere', async () => {
  const cache = open()
  for (const name of ['sha256:../../../etc/passwd', 'latest', '', `md5:${'a'.repeat(32)}`]) {
    await cache.put(name, block(1))
    expect(await cache.get(name)).toBeUndefined()
  }
  expect(await readdir(profile)).toEqual([])
})

test('it stays within its bound and lets go of what was used longest ago', async () => {
  const cache = open()
  const digests: string[] = []
  for (let number = 0; number < 12; number += 1) digests.push(await putBlock(cache, number))
  now += 1000
  expect(await cache.get(digests[0] ?? '')).toEqual(block(0))
  for (let number = 12; number < 20; number += 1) digests.push(await putBlock(cache, number))
  expect(await bytesKept()).toBeLessThanOrEqual(maxBytes)
  expect(await cache.get(digests[0] ?? '')).toEqual(block(0))
  expect(await cache.get(digests[1] ?? '')).toBeUndefined()
  expect(await cache.get(digests[19] ?? '')).toEqual(block(19))
})

test('two instances in one directory keep one bound and read each other', async () => {
  const [one, other] = [open(), open()]
  for (let number = 0; number < 40; number += 2) {
    await Promise.all([putBlock(one, number), putBlock(other, number + 1)])
  }
  expect(await bytesKept()).toBeLessThanOrEqual(maxBytes)
  const digest = await putBlock(one, 100)
  expect(await other.get(digest)).toEqual(block(100))
})

test('two instances that keep the same content at once keep it once', async () => {
  const digest = digestOf(block(1))
  await Promise.all(Array.from({ length: 8 }, () => open().put(digest, block(1))))
  expect(await files()).toHaveLength(1)
  expect(await open().get(digest)).toEqual(block(1))
})

test('a file another instance prunes meanwhile is simply not kept', async () => {
  const [one, other] = [open(), open()]
  const digest = await putBlock(one, 1)
  expect(await other.get(digest)).toEqual(block(1))
  await rm(pathOf(digest))
  expect(await other.get(digest)).toBeUndefined()
})

test('a write that a crash cut off is swept at the next start, one that is under way is not', async () => {
  await mkdir(directory, { recursive: true })
  const [old, young] = [join(directory, 'a.new'), join(directory, 'b.new')]
  await writeFile(old, 'half')
  await writeFile(young, 'half')
  await utimes(old, now / 1000 - 7200, now / 1000 - 7200)
  await utimes(young, now / 1000 - 5, now / 1000 - 5)
  const digest = await putBlock(open(), 1)
  expect((await files()).sort()).toEqual(['b.new', digest.slice('sha256:'.length)].sort())
})

test('an entry above an eighth of the bound is not kept', async () => {
  const large = Buffer.alloc(maxBytes / 8 + 1, 'x')
  const cache = open()
  await cache.put(digestOf(large), large)
  expect(await cache.get(digestOf(large))).toBeUndefined()
})

test('a bound that is lowered holds from the next write on, and 0 leaves nothing on disk', async () => {
  const cache = open()
  for (let number = 0; number < 12; number += 1) await putBlock(cache, number)
  maxBytes = 8 * kibibyte
  const digest = await putBlock(cache, 12)
  expect(await bytesKept()).toBeLessThanOrEqual(maxBytes)
  expect(await cache.get(digest)).toEqual(block(12))
  maxBytes = 0
  expect(await cache.get(digest)).toBeUndefined()
  await putBlock(cache, 13)
  expect(await files()).toEqual([])
})

test('a bound that was lowered between two starts holds from the first write of the next one', async () => {
  const cache = open()
  for (let number = 0; number < 12; number += 1) await putBlock(cache, number)
  maxBytes = 8 * kibibyte
  await putBlock(open(), 11)
  expect(await bytesKept()).toBeLessThanOrEqual(maxBytes)
})

test('a directory that cannot be written is no failure', async () => {
  await writeFile(directory, 'in the way')
  const cache = open()
  const digest = digestOf(block(1))
  await cache.put(digest, block(1))
  expect(await cache.get(digest)).toBeUndefined()
  expect(await readFile(directory, 'utf8')).toBe('in the way')
})
