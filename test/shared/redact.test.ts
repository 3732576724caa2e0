import { expect, test } from 'vitest'
import { redactHeaders, redactUrl } from '../../shared/model/redact.ts'

test.each([
  ['a user and a password', 'https://ann:pa55@registry.example/v2/', 'https://•••:•••@registry.example/v2/'],
  [
    'an upload state',
    'http://r.example/up/1?_state=abc&digest=sha256:1',
    'http://r.example/up/1?_state=•••&digest=sha256%3A1',
  ],
  [
    'a presigned link',
    'https://s3.example/b?X-Amz-Signature=abc&X-Amz-Credential=k',
    'https://s3.example/b?X-Amz-Signature=•••&X-Amz-Credential=•••',
  ],
  ['a repeated parameter', 'https://r.example/?token=a&token=b', 'https://r.example/?token=•••'],
  [
    'nothing',
    'https://r.example/v2/_catalog?n=100&last=cart',
    'https://r.example/v2/_catalog?n=100&last=cart',
  ],
  ['a path with parameters', '/v2/uploads/1?_state=abc', '/v2/uploads/1'],
])('a URL loses %s', (_what, url, redacted) => {
  expect(redactUrl(url)).toBe(redacted)
})

test('headers lose their secrets and keep what is evidence', () => {
  const kept = redactHeaders([
    ['Authorization', 'Bearer abc.def'],
    ['Set-Cookie', 'sid=1'],
    ['X-Vault-Token', 'abc'],
    ['Location', 'https://s3.example/b?X-Amz-Signature=abc'],
    ['WWW-Authenticate', 'Bearer realm="https://auth.example/token"'],
    ['Server', 'nginx'],
  ])
  expect(kept).toEqual({
    authorization: 'Bearer •••',
    'set-cookie': '•••',
    'x-vault-token': '•••',
    location: 'https://s3.example/b?X-Amz-Signature=•••',
    'www-authenticate': 'Bearer realm="https://auth.example/token"',
    server: 'nginx',
  })
})
