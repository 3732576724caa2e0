import {
  type Case,
  chunk,
  distribution,
  oci,
  page,
  patch,
  put,
  seen,
  session,
  streamedPut,
  text,
} from './case.ts'

/** Notes on OCI registries, 2.3: what gives 400 on PATCH, and 416. */
export const badRequests: Case[] = [
  seen(
    '1. distribution 3: SIZE_INVALID',
    { ...distribution(400, 'SIZE_INVALID'), ...patch },
    'invalid by registry',
    ['use-streamed', 'use-buffered', 'ask-proxy-admin'],
  ),
  seen(
    '2. Quay: any exception of an upload',
    { ...oci(400, 'BLOB_UPLOAD_INVALID'), ...patch },
    'upload-lost by registry',
    ['retry', 'ask-registry-admin'],
  ),
  seen(
    '2. Quay: "Invalid range header"',
    { ...oci(400, 'INVALID_REQUEST', 'Invalid range header'), ...chunk },
    'range-refused by registry',
    ['use-streamed', 'use-buffered', 'retry'],
  ),
  seen(
    '3. zot: a Content-Length it cannot read',
    { ...oci(400, 'SOMETHING', 'invalid content length'), ...patch },
    'invalid by registry',
    ['use-buffered', 'use-relay', 'check-path', 'ask-registry-admin'],
  ),
  seen(
    '4. ACR: chunks of HTTP where it wants a length',
    { ...oci(400, 'CONTENT_LENGTH_INVALID'), ...patch },
    'length-required by registry',
    ['use-buffered', 'check-path'],
  ),
  seen(
    '5. Docker Hub: a large PUT',
    { ...oci(400, 'UNKNOWN', 'unknown', 'the exact error'), ...put, bytesSent: 2_000_000_000 },
    'invalid by registry',
    ['use-streamed', 'use-chunked', 'check-path', 'ask-registry-admin'],
  ),
  seen(
    '6. Go net/http: a request it cannot parse, or a middlebox',
    { ...text(400, '400 Bad Request'), ...patch, bytesSent: 3000, connectionClosed: true },
    'body-refused by proxy',
    ['use-buffered', 'use-relay', 'check-path', 'ask-proxy-admin'],
  ),
  seen('7. nginx', { ...page(400, '400 Bad Request'), ...streamedPut }, 'body-refused by proxy', [
    'use-buffered',
    'use-relay',
    'check-path',
    'ask-proxy-admin',
  ]),
  seen('7. Cloudflare', { ...page(400, '400 Bad Request', 'cloudflare'), ...put }, 'body-refused by proxy', [
    'use-streamed',
    'use-chunked',
    'check-path',
    'ask-proxy-admin',
  ]),
  seen(
    '7. IIS',
    { ...page(400, 'Bad Request', 'Microsoft-HTTPAPI/2.0'), ...chunk },
    'body-refused by proxy',
    ['use-buffered', 'use-streamed', 'check-path', 'ask-proxy-admin'],
  ),
  seen(
    '8. S3: a presigned address with Authorization still attached',
    {
      status: 400,
      headers: { 'content-type': 'application/xml', server: 'AmazonS3' },
      body: '<?xml version="1.0"?><Error><Code>InvalidArgument</Code><Message>Only one auth mechanism allowed</Message></Error>',
      role: 'storage',
      phase: 'blob',
    },
    'invalid by storage',
    ['report-bug', 'ask-registry-admin'],
  ),
  seen(
    '9. http to an HTTPS port, as Go says it',
    { ...text(400, 'Client sent an HTTP request to an HTTPS server.\n'), ...session },
    'plain-on-tls by server',
    ['use-https', 'check-scheme'],
  ),
  seen(
    '9. http to an HTTPS port, as nginx says it',
    { ...page(400, '400 The plain HTTP request was sent to HTTPS port'), phase: 'ping' },
    'plain-on-tls by server',
    ['use-https', 'check-scheme'],
  ),
  seen(
    '416: distribution 3',
    { ...distribution(416, 'RANGE_INVALID'), ...chunk },
    'range-refused by registry',
    ['use-streamed', 'use-buffered', 'retry'],
  ),
  seen('416: zot', { ...oci(416, 'BLOB_UPLOAD_INVALID'), ...chunk }, 'range-refused by registry', [
    'use-streamed',
    'use-buffered',
    'retry',
  ]),
  seen(
    '416: a chunk of more than 4 MiB to ghcr.io',
    {
      ...oci(
        416,
        'BLOB_UPLOAD_INVALID',
        'the request body is too large and exceeds the maximum permissible limit of 4.00MiB',
      ),
      ...chunk,
    },
    'too-large by registry',
    ['use-streamed', 'use-buffered'],
  ),
]
