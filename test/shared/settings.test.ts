import { expect, test } from 'vitest'
import { settingsChangeSchema, settingsSchema } from '../../shared/model/settings.ts'

test('a change carries only the fields it names', () => {
  expect(settingsChangeSchema.parse({ language: 'zh-CN' })).toEqual({ language: 'zh-CN' })
})

test('settings that were never written read as the defaults', () => {
  expect(settingsSchema.parse({})).toEqual({
    theme: 'system',
    language: 'system',
    uploadMode: 'auto',
    scrapeSeconds: 15,
    bufferMebibytes: 256,
    cacheMebibytes: 512,
    requestsPerRegistry: 8,
    manifestMebibytes: 4,
  })
})
