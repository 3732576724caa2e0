import { type Case, chunk, manifestPut, oci, page, put, seen, session, streamedPut } from './case.ts'

const removal = { phase: 'delete', method: 'DELETE' } as const
const refused = (status: number) => ({ ...oci(status, 'UNAUTHORIZED'), phase: 'catalog' as const })

/** Notes on OCI registries, 2.4: what of the quirks is a failure. */
export const quirks: Case[] = [
  seen(
    'zot: bytes of another type',
    { ...oci(415, 'UNSUPPORTED_MEDIA'), ...put },
    'unsupported by registry',
    ['ask-registry-admin', 'ask-proxy-admin'],
  ),
  seen('zot: no known length', { ...oci(400, 'BLOB_UPLOAD_INVALID'), ...put }, 'upload-lost by registry', [
    'retry',
    'ask-registry-admin',
  ]),
  seen('zot: a body that broke off is a bare 500', { status: 500, ...put }, 'gateway-fault by unknown', [
    'retry',
    'use-streamed',
    'use-chunked',
    'check-path',
    'ask-proxy-admin',
  ]),
  seen(
    'zot: DELETE of what an index refers to',
    { ...oci(405, 'DENIED'), ...removal },
    'unsupported by registry',
    ['ask-registry-admin'],
  ),
  seen('zot: two who write at once', { ...oci(409, 'DENIED'), ...manifestPut }, 'conflict by registry', [
    'choose-another-tag',
    'ask-registry-admin',
  ]),
  seen('Harbor: DELETE of a tag', { ...oci(400, 'UNSUPPORTED'), ...removal }, 'unsupported by registry', [
    'ask-registry-admin',
  ]),
  seen('Harbor: an immutable tag', { ...oci(412, 'PRECONDITION'), ...manifestPut }, 'conflict by registry', [
    'choose-another-tag',
    'ask-registry-admin',
  ]),
  seen(
    'Harbor: a policy against the image',
    oci(412, 'PROJECTPOLICYVIOLATION', 'current image without vulnerability scanning cannot be pulled'),
    'denied by registry',
    ['ask-registry-admin'],
  ),
  seen(
    'Harbor: a policy against the image, in a pull',
    { ...oci(412, 'PROJECTPOLICYVIOLATION'), phase: 'pull' },
    'denied by registry',
    ['ask-registry-admin'],
  ),
  seen(
    'Harbor: a quota',
    { ...oci(403, 'DENIED', 'adding 3 MiB will exceed the configured upper limit'), ...manifestPut },
    'denied by registry',
    ['ask-registry-admin'],
  ),
  seen('Harbor: the catalog for others than administrators', refused(401), 'unauthorized by registry', [
    'log-in',
    'check-permission',
  ]),
  seen(
    'Harbor: a bad place to go on from',
    { ...oci(400, 'BAD_REQUEST'), phase: 'catalog' },
    'invalid by registry',
    ['check-name', 'ask-registry-admin'],
  ),
  seen(
    'Harbor: the token service takes no POST',
    {
      status: 405,
      headers: { 'content-type': 'application/json' },
      body: '{}',
      role: 'token-service',
      phase: 'token',
      method: 'POST',
    },
    'unsupported by token-service',
    ['ask-registry-admin'],
  ),
  seen('ghcr.io: no catalog', { ...oci(404, 'NOT_FOUND'), phase: 'catalog' }, 'unsupported by registry', [
    'check-name',
  ]),
  seen('ghcr.io: no DELETE', { ...oci(405, 'UNSUPPORTED'), ...removal }, 'unsupported by registry', [
    'ask-registry-admin',
  ]),
  seen(
    'ghcr.io: referrers lead to a page of GitHub',
    { status: 303, headers: { location: 'https://github.com/-/v2/packages/x' }, phase: 'referrers' },
    'redirect-refused by unknown',
    ['use-https', 'check-address'],
  ),
  seen(
    'ECR: a chunk under 5 MiB',
    {
      ...oci(
        400,
        'LayerPartTooSmallException',
        'All layer parts except the last part should be at least 5MB',
      ),
      ...chunk,
    },
    'range-refused by registry',
    ['use-streamed', 'use-buffered'],
  ),
  seen(
    'ECR: a chunk out of step',
    {
      ...oci(400, 'BLOB_UPLOAD_INVALID', 'First byte of the layer part is 10485760 instead of 20971520'),
      ...chunk,
    },
    'range-refused by registry',
    ['use-streamed', 'use-buffered', 'retry'],
  ),
  seen(
    'ECR: no session to ask for',
    { ...oci(404, 'UNSUPPORTED'), ...chunk, method: 'GET' },
    'upload-lost by registry',
    ['retry', 'use-streamed', 'use-buffered', 'ask-registry-admin'],
  ),
  seen(
    'ECR: a repository that must be made first',
    { ...oci(404, 'NAME_UNKNOWN'), ...session },
    'not-found by registry',
    ['ask-registry-admin', 'check-name'],
  ),
  seen(
    'ECR: an immutable tag',
    {
      ...oci(
        400,
        'TAG_INVALID',
        'The image tag 1.0 already exists and cannot be overwritten because the repository is immutable.',
      ),
      ...manifestPut,
    },
    'conflict by registry',
    ['choose-another-tag', 'ask-registry-admin'],
  ),
  seen(
    'ECR: ImageTagAlreadyExists',
    { ...oci(400, 'ImageTagAlreadyExistsException'), ...manifestPut },
    'conflict by registry',
    ['choose-another-tag', 'ask-registry-admin'],
  ),
  seen(
    'ECR: more layers than it takes',
    {
      ...oci(405, 'UNSUPPORTED', "Invalid parameter at 'ImageManifest' failed to satisfy constraint"),
      ...manifestPut,
    },
    'invalid by registry',
    ['ask-registry-admin'],
  ),
  seen(
    'ECR: more than 1000 tags a page',
    { ...oci(400, 'INVALID_PARAMETER'), phase: 'tags' },
    'invalid by registry',
    ['check-name', 'ask-registry-admin'],
  ),
  seen('ACR: a PUT beyond 20 MB', { ...oci(413, 'TOO_LARGE'), ...streamedPut }, 'too-large by registry', [
    'use-chunked',
    'ask-registry-admin',
  ]),
  seen(
    'ACR: a chunk sent again',
    { ...oci(404, 'BLOB_UPLOAD_INVALID'), ...chunk },
    'upload-lost by registry',
    ['retry', 'use-streamed', 'use-buffered', 'ask-registry-admin'],
  ),
  seen('Google: POST without a length', { ...page(411, '411', ''), ...session }, 'length-required by proxy', [
    'ask-proxy-admin',
    'check-path',
  ]),
  seen('Docker Hub: no catalog', { ...refused(403) }, 'denied by registry', ['check-permission', 'log-in']),
  seen('Docker Hub: a rate', { ...oci(429, 'toomanyrequests'), phase: 'pull' }, 'rate-limited by registry', [
    'wait-and-retry',
    'log-in',
  ]),
  seen(
    'GitLab: a deploy token may not delete',
    {
      ...oci(401, 'UNAUTHORIZED'),
      headers: {
        'content-type': 'application/json',
        'www-authenticate': 'Bearer realm="https://gitlab.invalid/jwt/auth",error="insufficient_scope"',
      },
      ...removal,
    },
    'denied by registry',
    ['check-permission', 'log-in'],
  ),
  seen('Quay: an immutable tag', { ...oci(409, 'TAG_IMMUTABLE'), ...manifestPut }, 'conflict by registry', [
    'choose-another-tag',
    'ask-registry-admin',
  ]),
  seen(
    'Quay: a tag that is there',
    { ...oci(409, 'TAG_ALREADY_EXISTS'), ...manifestPut },
    'conflict by registry',
    ['choose-another-tag', 'ask-registry-admin'],
  ),
  seen(
    'Quay: a quota',
    { ...oci(403, 'DENIED', 'Quota has been exceeded on namespace'), ...session },
    'denied by registry',
    ['ask-registry-admin'],
  ),
  seen(
    'Quay: read-only',
    { ...oci(405, 'DENIED', 'System is currently read-only.'), ...session },
    'unsupported by registry',
    ['ask-registry-admin'],
  ),
  seen('Quay: a tag that ran out', oci(404, 'TAG_EXPIRED'), 'not-found by registry', ['check-name']),
  seen(
    'Quay: no DELETE of blobs',
    { ...oci(405, 'METHOD NOT ALLOWED'), ...removal },
    'unsupported by registry',
    ['ask-registry-admin'],
  ),
  seen('Artifactory: a manifest without its type', oci(406, 'NOT_ACCEPTABLE'), 'unsupported by registry', [
    'ask-registry-admin',
    'ask-proxy-admin',
  ]),
  seen(
    'Nexus: several push to one cache',
    { ...oci(400, 'BLOB_UPLOAD_INVALID'), ...put },
    'upload-lost by registry',
    ['retry', 'ask-registry-admin'],
  ),
  seen(
    'Nexus: no Docker repository at this path',
    { ...page(400, 'HTTP method POST is not supported by this URL', 'Nexus/3.70.0 (OSS)'), ...session },
    'not-a-registry by server',
    ['check-address', 'ask-registry-admin'],
  ),
  seen(
    'Cloudflare’s registry: a manifest before its blobs',
    { ...oci(400, 'BLOB_UNKNOWN'), ...manifestPut },
    'invalid by registry',
    ['retry', 'ask-registry-admin'],
  ),
]
