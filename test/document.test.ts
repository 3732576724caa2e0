import { mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { z } from 'zod'
import { openDocument } from '../electron/document.ts'

const schema = z.object({ names: z.array(z.string()) })
let directory: string
let path: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'chartroom-document-'))
  path = join(directory, 'deep', 'list.json')
})
afterEach(() => rm(directory, { recursive: true, force: true }))

const open = () => openDocument(path, schema, { names: [] })

test('a document that is not there reads as its initial value', async () => {
  expect(await open().read()).toEqual({ names: [] })
})

test('changes made at once happen one after the other, and none is lost', async () => {
  const document = open()
  const names = Array.from({ length: 50 }, (_, index) => `n${index}`)
  await Promise.all(names.map((name) => document.change((value) => ({ names: [...value.names, name] }))))
  expect(await open().read()).toEqual({ names })
})

test('what was written is whole, for the user alone, and leaves nothing beside it', async () => {
  await open().change(() => ({ names: ['a'] }))
  expect(JSON.parse(await readFile(path, 'utf8'))).toEqual({ names: ['a'] })
  expect(await readdir(join(directory, 'deep'))).toEqual(['list.json'])
  if (process.platform !== 'win32') expect((await stat(path)).mode & 0o777).toBe(0o600)
})

test.each([
  ['half a document', '{"names":["a"'],
  ['another shape', '{"names":"a"}'],
  ['nothing', ''],
])('%s is set aside, not overwritten', async (_, text) => {
  await mkdir(join(directory, 'deep'))
  await writeFile(path, text)
  const document = open()
  expect(await document.read()).toEqual({ names: [] })
  await document.change(() => ({ names: ['new'] }))
  expect(await readFile(`${path}.broken`, 'utf8')).toBe(text)
  expect(await document.read()).toEqual({ names: ['new'] })
})

test('a change that throws leaves the document as it was and does not block the next', async () => {
  const document = open()
  await document.change(() => ({ names: ['kept'] }))
  const refused = document.change(() => {
    throw new Error('no')
  })
  await expect(refused).rejects.toThrow('no')
  expect(await document.change((value) => ({ names: [...value.names, 'more'] }))).toEqual({
    names: ['kept', 'more'],
  })
})

test('a path that cannot be read is an error, not an empty document', async () => {
  await mkdir(path, { recursive: true })
  await expect(open().read()).rejects.toMatchObject({ code: 'EISDIR' })
})
