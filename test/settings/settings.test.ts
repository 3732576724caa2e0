import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createSettings } from '../../electron/settings/settings.ts'
import { settingsSchema } from '../../shared/model/settings.ts'

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'chartroom-settings-'))
})
afterEach(() => rm(directory, { recursive: true, force: true }))

const initial = settingsSchema.parse({})

test('a new profile has the defaults, and nothing is written for reading them', async () => {
  expect(await createSettings({ directory }).get()).toEqual(initial)
  await expect(readFile(join(directory, 'settings.json'))).rejects.toMatchObject({ code: 'ENOENT' })
})

test('a change keeps the other fields and outlives the app', async () => {
  const settings = createSettings({ directory })
  expect(await settings.update({ theme: 'dark' })).toEqual({ ...initial, theme: 'dark' })
  expect(await settings.update({ scrapeSeconds: 60, theme: undefined })).toEqual({
    ...initial,
    theme: 'dark',
    scrapeSeconds: 60,
  })
  expect(await createSettings({ directory }).get()).toMatchObject({ theme: 'dark', scrapeSeconds: 60 })
})

test('changes made at once are all kept', async () => {
  const settings = createSettings({ directory })
  await Promise.all([settings.update({ theme: 'light' }), settings.update({ language: 'zh-CN' })])
  expect(await settings.get()).toMatchObject({ theme: 'light', language: 'zh-CN' })
})

test('a file of an older version, without a field, gets the default for it', async () => {
  await writeFile(join(directory, 'settings.json'), '{"theme":"dark"}')
  expect(await createSettings({ directory }).get()).toEqual({ ...initial, theme: 'dark' })
})

test('who cannot wait sees what was last read or written', async () => {
  await createSettings({ directory }).update({ requestsPerRegistry: 3 })
  const settings = createSettings({ directory })
  expect(settings.current()).toEqual(initial)
  await settings.get()
  expect(settings.current().requestsPerRegistry).toBe(3)
  await settings.update({ requestsPerRegistry: 4 })
  expect(settings.current().requestsPerRegistry).toBe(4)
})
