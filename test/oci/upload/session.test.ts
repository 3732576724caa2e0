import { expect, it } from 'vitest'
import type { AnswerHead, Ask } from '../../../electron/oci/ask.ts'
import { commitUrl, locationOf } from '../../../electron/oci/upload/session.ts'
import { FailureError } from '../../../shared/model/failure.ts'

const askTo = (url: string): Ask => ({
  method: 'POST',
  url,
  phase: 'upload-session',
  role: 'registry',
  maxBytes: 1,
})
const answerWith = (location: string) => ({ status: 202, headers: { location } }) as unknown as AnswerHead

it.each([
  [
    'https://r.example/v2/a/blobs/uploads/',
    '/v2/a/blobs/uploads/1?_state=x%2By',
    'https://r.example/v2/a/blobs/uploads/1?_state=x%2By',
  ],
  ['https://r.example/v2/a/blobs/uploads/', 'https://s.example/up', 'https://s.example/up'],
  ['https://r.example:8443/v2/a/blobs/uploads/', 'r.example:8443/v2/up', 'https://r.example:8443/v2/up'],
  ['https://r.example/v2/a/blobs/uploads/', '//s.example/up', 'https://s.example/up'],
  ['http://r.example/v2/a/blobs/uploads/', 'https://r.example/up', 'https://r.example/up'],
  ['http://r.example/v2/a/blobs/uploads/', 'next', 'http://r.example/v2/a/blobs/uploads/next'],
])('from %s, Location %s is %s', (from, location, to) => {
  expect(locationOf(askTo(from), answerWith(location))).toBe(to)
})

it.each(['http://r.example/v2/up', 'http://s.example/up', 'file:///etc/passwd', 'javascript:0', 'http://['])(
  'from https, Location %s is refused',
  (location) => {
    const refused = () => locationOf(askTo('https://r.example/v2/a/blobs/uploads/'), answerWith(location))
    expect(refused).toThrow(FailureError)
    expect(refused).toThrow(/not safe/)
  },
)

it('the digest goes behind the query that is there', () => {
  const digest = `sha256:${'a'.repeat(64)}`
  expect(commitUrl('http://r/up', digest)).toBe(`http://r/up?digest=sha256%3A${'a'.repeat(64)}`)
  expect(commitUrl('http://r/up?_state=b%3D', digest)).toBe(
    `http://r/up?_state=b%3D&digest=sha256%3A${'a'.repeat(64)}`,
  )
})
