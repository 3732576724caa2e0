import {
  type Case,
  chunk,
  commit,
  distribution,
  distributionBare,
  manifestPut,
  patch,
  put,
  seen,
  session,
  text,
} from './case.ts'

const challenge = (value: string) => ({
  ...distribution(401, 'UNAUTHORIZED'),
  headers: { ...distribution(401, '').headers, 'www-authenticate': value },
})

/** Notes on OCI registries, 2.1: the error codes of distribution and their statuses. */
export const errorCodes: Case[] = [
  seen('UNKNOWN 500', distribution(500, 'UNKNOWN', 'unknown error'), 'server-fault by registry', [
    'retry',
    'ask-registry-admin',
  ]),
  seen('UNSUPPORTED 405', distribution(405, 'UNSUPPORTED'), 'unsupported by registry', [
    'ask-registry-admin',
  ]),
  seen('UNAUTHORIZED 401', challenge('Basic realm="x"'), 'unauthorized by registry', ['log-in']),
  seen('DENIED 403', distribution(403, 'DENIED'), 'denied by registry', ['check-permission', 'log-in']),
  seen('DENIED 403 in a pull', { ...distribution(403, 'DENIED'), phase: 'pull' }, 'denied by registry', [
    'check-pull-secret',
    'check-permission',
  ]),
  seen(
    'UNAUTHORIZED 401 in a pull',
    { ...challenge('Basic realm="x"'), phase: 'pull' },
    'unauthorized by registry',
    ['check-pull-secret', 'log-in'],
  ),
  seen('UNAVAILABLE 503', distribution(503, 'UNAVAILABLE'), 'server-fault by registry', [
    'wait-and-retry',
    'ask-registry-admin',
  ]),
  seen('TOOMANYREQUESTS 429', distribution(429, 'TOOMANYREQUESTS'), 'rate-limited by registry', [
    'wait-and-retry',
    'log-in',
  ]),
  seen(
    'DIGEST_INVALID 400',
    { ...distribution(400, 'DIGEST_INVALID'), ...put },
    'digest-refused by registry',
    ['retry', 'use-streamed', 'use-chunked', 'check-path'],
  ),
  seen('SIZE_INVALID 400 to a manifest', distribution(400, 'SIZE_INVALID'), 'invalid by registry', [
    'ask-registry-admin',
  ]),
  seen(
    'RANGE_INVALID 416',
    { ...distribution(416, 'RANGE_INVALID'), ...chunk },
    'range-refused by registry',
    ['use-streamed', 'use-buffered', 'retry'],
  ),
  seen('NAME_INVALID 400', distribution(400, 'NAME_INVALID'), 'invalid by registry', ['check-name']),
  seen('TAG_INVALID 400', { ...distribution(400, 'TAG_INVALID'), ...manifestPut }, 'invalid by registry', [
    'choose-another-tag',
    'check-name',
  ]),
  seen('NAME_UNKNOWN 404', { ...distribution(404, 'NAME_UNKNOWN'), phase: 'tags' }, 'not-found by registry', [
    'check-name',
  ]),
  seen('MANIFEST_UNKNOWN 404', distribution(404, 'MANIFEST_UNKNOWN'), 'not-found by registry', [
    'check-name',
  ]),
  seen(
    'MANIFEST_INVALID 400',
    { ...distribution(400, 'MANIFEST_INVALID'), ...manifestPut },
    'invalid by registry',
    ['ask-registry-admin', 'report-bug'],
  ),
  seen(
    'MANIFEST_UNVERIFIED 400',
    { ...distribution(400, 'MANIFEST_UNVERIFIED'), ...manifestPut },
    'invalid by registry',
    ['ask-registry-admin', 'report-bug'],
  ),
  seen(
    'MANIFEST_BLOB_UNKNOWN 400',
    { ...distribution(400, 'MANIFEST_BLOB_UNKNOWN'), ...manifestPut },
    'invalid by registry',
    ['retry', 'ask-registry-admin'],
  ),
  seen('BLOB_UNKNOWN 404', { ...distribution(404, 'BLOB_UNKNOWN'), phase: 'blob' }, 'not-found by registry', [
    'check-name',
  ]),
  seen(
    'BLOB_UPLOAD_UNKNOWN 404',
    { ...distribution(404, 'BLOB_UPLOAD_UNKNOWN'), ...put },
    'upload-lost by registry',
    ['retry', 'ask-registry-admin'],
  ),
  seen(
    'BLOB_UPLOAD_INVALID 404',
    { ...distribution(404, 'BLOB_UPLOAD_INVALID'), ...put },
    'upload-lost by registry',
    ['retry', 'ask-registry-admin'],
  ),
  seen(
    'PAGINATION_NUMBER_INVALID 400',
    { ...distribution(400, 'PAGINATION_NUMBER_INVALID'), phase: 'catalog' },
    'invalid by registry',
    ['report-bug'],
  ),
]

/** Notes on OCI registries, 2.2: what distribution answers to uploads, manifests and lists. */
export const distributionHandlers: Case[] = [
  seen(
    'a session of another replica, or of 2.8 after a cut PATCH',
    { ...distribution(404, 'BLOB_UPLOAD_INVALID', 'blob upload invalid'), ...patch },
    'upload-lost by registry',
    ['retry', 'ask-registry-admin'],
  ),
  seen(
    'a session that storage does not know, in chunks',
    { ...distribution(404, 'BLOB_UPLOAD_UNKNOWN'), ...chunk },
    'upload-lost by registry',
    ['retry', 'use-streamed', 'use-buffered', 'ask-registry-admin'],
  ),
  seen(
    '3.x: the session stands elsewhere',
    { ...distribution(416, 'RANGE_INVALID'), ...patch },
    'range-refused by registry',
    ['use-streamed', 'use-buffered', 'retry'],
  ),
  seen(
    'a cache takes no push',
    { ...distribution(405, 'UNSUPPORTED'), ...session },
    'unsupported by registry',
    ['ask-registry-admin'],
  ),
  seen(
    'POST with a fault behind it',
    { ...distribution(500, 'UNKNOWN'), ...session },
    'server-fault by registry',
    ['retry', 'ask-registry-admin'],
  ),
  seen(
    'PATCH of another type than bytes',
    { ...distribution(500, 'UNKNOWN', 'unknown error', {}), ...patch },
    'server-fault by registry',
    ['retry', 'use-buffered', 'use-relay', 'check-path', 'ask-registry-admin'],
  ),
  seen(
    '3.x: a Content-Range it cannot parse',
    { ...distribution(500, 'UNKNOWN', 'unknown error', {}), ...chunk },
    'server-fault by registry',
    ['retry', 'use-buffered', 'use-streamed', 'check-path', 'ask-registry-admin'],
  ),
  seen(
    '3.x: Content-Range and Content-Length disagree',
    { ...distribution(400, 'SIZE_INVALID'), ...chunk },
    'invalid by registry',
    ['use-streamed', 'use-buffered', 'ask-proxy-admin'],
  ),
  seen(
    'a body cut on the way while the connection lives',
    { ...distribution(500, 'UNKNOWN', 'unknown error', 'unexpected EOF'), ...patch },
    'server-fault by registry',
    ['retry', 'use-buffered', 'use-relay', 'check-path', 'ask-registry-admin'],
  ),
  seen(
    'chunks of a body mangled on the way',
    { ...distribution(500, 'UNKNOWN', 'unknown error', 'invalid byte in chunk length'), ...put },
    'server-fault by registry',
    ['retry', 'use-streamed', 'use-chunked', 'check-path', 'ask-registry-admin'],
  ),
  seen(
    'a fault over a body, and no word of it',
    { ...distributionBare(500), ...put },
    'server-fault by registry',
    ['retry', 'use-streamed', 'use-chunked', 'check-path', 'ask-registry-admin'],
  ),
  seen(
    'PUT whose digest got lost',
    { ...distribution(400, 'DIGEST_INVALID', 'provided digest did not match', 'digest missing'), ...commit },
    'digest-refused by registry',
    ['retry', 'use-buffered', 'check-path'],
  ),
  seen(
    'PUT of other bytes than the digest names',
    { ...distribution(400, 'DIGEST_INVALID'), ...commit, strategy: 'streamed-patch' },
    'digest-refused by registry',
    ['retry', 'use-buffered', 'use-relay', 'check-path'],
  ),
  seen(
    'PUT of a manifest under another digest than its own',
    { ...distribution(400, 'DIGEST_INVALID'), ...manifestPut },
    'digest-refused by registry',
    ['retry', 'ask-registry-admin'],
  ),
  seen(
    'PUT of another length than the session has',
    { ...distribution(404, 'BLOB_UPLOAD_INVALID'), ...commit },
    'upload-lost by registry',
    ['retry', 'ask-registry-admin'],
  ),
  seen(
    'DELETE of a session with a token for pushing',
    {
      ...challenge('Bearer realm="https://t.invalid/",error="insufficient_scope"'),
      phase: 'upload-session',
      method: 'DELETE',
    },
    'denied by registry',
    ['check-permission', 'log-in'],
  ),
  seen(
    'a push with a token that was asked for pull,push and is for pull',
    {
      ...challenge('Bearer realm="https://t.invalid/",error="insufficient_scope"'),
      phase: 'upload-session',
      method: 'POST',
      grant: { asked: 'repository:a/b:pull,push', granted: 'repository:a/b:pull' },
    },
    'denied by registry',
    ['check-permission', 'log-in'],
  ),
  seen(
    'a token that is not valid',
    challenge('Bearer realm="https://t.invalid/",error="invalid_token"'),
    'unauthorized by registry',
    ['log-in'],
  ),
  seen(
    'a token that ran out over a body',
    { ...challenge('Bearer realm="https://t.invalid/",error="invalid_token"'), ...put },
    'unauthorized by registry',
    ['retry', 'log-in', 'ask-registry-admin'],
  ),
  seen(
    'an access controller that failed: 400 with nothing in it',
    distributionBare(400),
    'invalid by registry',
    ['ask-registry-admin'],
  ),
  seen(
    'read-only: 405 in plain text',
    {
      ...text(405, 'Method not allowed'),
      headers: { ...text(405, '').headers, ...distributionBare(405).headers },
      ...session,
    },
    'unsupported by registry',
    ['ask-registry-admin'],
  ),
  seen(
    'no referrers API: 404 in plain text',
    {
      ...text(404, '404 page not found'),
      headers: { ...text(404, '').headers, ...distributionBare(404).headers },
      phase: 'referrers',
    },
    'not-found by registry',
    ['check-name'],
  ),
  seen(
    'a manifest beyond 4 MiB',
    {
      ...distribution(400, 'MANIFEST_INVALID', 'manifest invalid', 'http: request body too large'),
      ...manifestPut,
    },
    'too-large by registry',
    ['ask-registry-admin'],
  ),
  seen(
    'a manifest beyond 4 MiB, and no cause given',
    { ...distribution(400, 'MANIFEST_INVALID'), ...manifestPut, bytesSent: 5_000_000 },
    'too-large by registry',
    ['ask-registry-admin'],
  ),
  seen(
    'a manifest asked for without its type',
    distribution(
      404,
      'MANIFEST_UNKNOWN',
      'OCI manifest found, but accept header does not support OCI manifests',
    ),
    'invalid by registry',
    ['ask-proxy-admin', 'report-bug'],
  ),
  seen(
    'DELETE where deletion is switched off',
    { ...distribution(405, 'UNSUPPORTED'), phase: 'delete', method: 'DELETE' },
    'unsupported by registry',
    ['ask-registry-admin'],
  ),
  seen(
    '2.8: DELETE of a tag',
    { ...distribution(400, 'DIGEST_INVALID'), phase: 'delete', method: 'DELETE' },
    'unsupported by registry',
    ['ask-registry-admin'],
  ),
  seen('HEAD of what is not there', { ...distributionBare(404), method: 'HEAD' }, 'not-found by registry', [
    'check-name',
  ]),
  seen(
    'a part of a blob beyond its end',
    { ...distributionBare(416), phase: 'blob' },
    'range-refused by registry',
    ['retry'],
  ),
  seen(
    '3.x: a page of fewer than no entries',
    { ...distributionBare(400), phase: 'tags', body: '{}' },
    'invalid by registry',
    ['check-name', 'ask-registry-admin'],
  ),
  seen(
    'a redirect with the page Go writes for it',
    {
      status: 307,
      headers: {
        'content-type': 'text/html',
        location: 'https://x.invalid/',
        ...distributionBare(307).headers,
      },
    },
    'redirect-refused by registry',
    ['use-https', 'check-address'],
  ),
]
