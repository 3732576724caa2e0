import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { errorText } from '../../electron/oci/error-text.ts'

const gzip = { 'content-encoding': 'gzip' }
const text = '{"status":"error","error":"parse error"}'

test('an error is read as it is, or unpacked where it came in gzip', () => {
  expect(errorText(Buffer.from(text), {})).toBe(text)
  expect(errorText(gzipSync(text), gzip)).toBe(text)
})

test('what was cut is read as far as it goes', () => {
  const long = Array.from({ length: 10_000 }, (_, index) => `line ${index}\n`).join('')
  const cut = errorText(gzipSync(long).subarray(0, 4096), gzip)
  expect(cut.length).toBeGreaterThan(1000)
  expect(long.startsWith(cut)).toBe(true)
})

test.each([
  ['no gzip at all', Buffer.from(text)],
  ['nothing', Buffer.alloc(0)],
  ['what unpacks to more than is read', gzipSync(Buffer.alloc(1024 * 1024 + 1))],
])('%s is no text', (_what, body) => {
  expect(errorText(body, gzip)).toBe('')
})
