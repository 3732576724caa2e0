import {
  type Answered,
  both,
  foreign,
  itself,
  mentions,
  type Row,
  says,
  status,
  uploading,
} from './explain-row.ts'
import { otherShapes, smallerBodies, wholeBodies } from './other-shapes.ts'

const mebibyte = 1024 * 1024
const puttingManifest = ({ phase }: Answered) => phase === 'manifest-put'

/** Bodies and the sessions they are sent to: 400, 404, 405, 411, 413, 416. */
export const uploadRows: Row[] = [
  {
    name: 'a chunk larger than the registry takes: ghcr.io 416 beyond 4 MiB, where whole bodies pass (rust-oci-client issue 35)',
    when: both(itself, (answer) => mentions(answer, /request body is too large/i), status(400, 413, 416)),
    kind: 'too-large',
    next: ({ strategy }) =>
      strategy === 'chunked' ? wholeBodies : [...smallerBodies(strategy), 'ask-registry-admin'],
    say: 'takes no body of this size',
  },
  {
    name: 'a chunk smaller than the registry takes: ECR wants 5 MiB of each but the last (LayerPartTooSmall)',
    when: both(itself, (answer) => mentions(answer, /LayerPartTooSmall|layer parts? .{0,60}at least/i)),
    kind: 'range-refused',
    next: wholeBodies,
    say: 'takes no chunks as small as these',
  },
  {
    name: 'a mirror that cannot give this range of bytes: Spegel 416, or 400 where it has the blob itself',
    when: both(itself, status(400, 416), ({ role }) => role === 'mirror'),
    kind: 'range-refused',
    next: ['retry', 'check-mirror-agent'],
    say: 'does not give this range of bytes',
  },
  {
    name: 'a part of a blob beyond its end',
    when: both(itself, status(416), ({ method }) => method === 'GET'),
    kind: 'range-refused',
    retryable: true,
    next: ['retry'],
    say: 'has fewer bytes than were asked for',
  },
  {
    name: 'a chunk out of step: RANGE_INVALID, 416 (zot with BLOB_UPLOAD_INVALID), Quay 400 "Invalid range header", ECR "First byte of the layer part"',
    when: (answer) =>
      says('RANGE_INVALID')(answer) ||
      both(itself, status(416))(answer) ||
      both(itself, status(400), (it) => mentions(it, /invalid range|first byte of the layer part/i))(answer),
    kind: 'range-refused',
    retryable: true,
    next: [...wholeBodies, 'retry'],
    say: 'refused the range of bytes',
  },
  {
    name: 'the session is gone: 2.8 cancels it after a cut PATCH, replicas with other secrets never knew it, ACR resumes none',
    when: (answer) =>
      says('BLOB_UPLOAD_UNKNOWN', 'BLOB_UPLOAD_INVALID')(answer) ||
      both(itself, status(404), uploading)(answer),
    kind: 'upload-lost',
    retryable: true,
    next: ({ strategy }) => ['retry', ...(strategy === 'chunked' ? wholeBodies : []), 'ask-registry-admin'],
    say: 'no longer knows this upload',
  },
  {
    name: 'a digest that is asked to be deleted and is a tag: distribution 2.8 deletes by digest alone',
    when: both(says('DIGEST_INVALID'), ({ phase }) => phase === 'delete'),
    kind: 'unsupported',
    next: ['ask-registry-admin'],
    say: 'deletes by digest alone, no tags',
  },
  {
    name: 'the registry counted other bytes than were sent, or got no digest: DIGEST_INVALID',
    when: says('DIGEST_INVALID'),
    kind: 'digest-refused',
    retryable: true,
    next: (answer) => [
      'retry',
      ...(uploading(answer) ? otherShapes(answer.strategy) : ['ask-registry-admin' as const]),
    ],
    say: 'received other bytes than the digest names',
  },
  {
    name: 'a body that came in chunks and must say its length: ACR 400 CONTENT_LENGTH_INVALID, 411 of old nginx and Google',
    when: (answer) => says('CONTENT_LENGTH_INVALID')(answer) || answer.status === 411,
    kind: 'length-required',
    next: (answer) =>
      uploading(answer) ? ['use-buffered', 'check-path'] : ['ask-proxy-admin', 'check-path'],
    say: 'wants the length of the body in advance',
  },
  {
    name: 'Content-Range and Content-Length disagree: distribution 3 400 SIZE_INVALID',
    when: says('SIZE_INVALID'),
    kind: 'invalid',
    next: (answer) => (uploading(answer) ? [...wholeBodies, 'ask-proxy-admin'] : ['ask-registry-admin']),
    say: 'was told two lengths that do not agree',
  },
  {
    name: 'a manifest beyond 4 MiB: distribution says 400 MANIFEST_INVALID, the spec 413',
    when: both(puttingManifest, itself, (answer) => {
      const tooLong = mentions(answer, /too large/i) || (answer.bytesSent ?? 0) > 4 * mebibyte
      return answer.status === 413 || (says('MANIFEST_INVALID')(answer) && tooLong)
    }),
    kind: 'too-large',
    next: ['ask-registry-admin'],
    say: 'takes no manifest of this size',
  },
  {
    name: 'Cloudflare beyond 100 MB: 413, or 400 (moby issue 27877)',
    when: (answer) =>
      /cloudflare/i.test(answer.server ?? '') &&
      (answer.status === 413 || (answer.status === 400 && (answer.bytesSent ?? 0) > 100_000_000)),
    kind: 'too-large',
    next: ({ strategy }) => [...smallerBodies(strategy), 'raise-proxy-limit', 'ask-proxy-admin'],
    say: 'stands behind Cloudflare, which lets bodies of 100 MB pass, or more for money',
  },
  {
    name: 'a body too large: nginx client_max_body_size, ModSecurity, ACR Basic beyond 20 MB',
    when: status(413),
    kind: 'too-large',
    next: (answer) => [
      ...smallerBodies(answer.strategy),
      ...(itself(answer)
        ? (['ask-registry-admin'] as const)
        : (['raise-proxy-limit', 'ask-proxy-admin'] as const)),
    ],
    say: 'finds the body too large',
  },
  {
    name: 'PATCH blocked in front: ModSecurity CRS 911100 lets GET, HEAD, POST and OPTIONS pass (NginxProxyGuard issue 80)',
    when: (answer) => answer.status === 405 && answer.method === 'PATCH' && !itself(answer),
    kind: 'method-blocked',
    next: ['use-buffered', 'ask-proxy-admin'],
    say: 'is behind something that lets no PATCH through',
  },
  {
    name: 'a presigned address that was sent a second credential: S3 400 InvalidArgument (opa issue 6580)',
    when: both(itself, status(400), (answer) => mentions(answer, /only one auth mechanism/i)),
    kind: 'invalid',
    next: ['report-bug', 'ask-registry-admin'],
    say: 'got two credentials at once',
  },
  {
    name: 'a 400 to a blob by something that is not the registry: vSphere (go-containerregistry issue 2005), Apache, nginx, IIS, net/http',
    when: both(status(400), uploading, (answer) => !itself(answer)),
    kind: 'body-refused',
    retryable: true,
    next: ({ strategy }) => [...otherShapes(strategy), 'ask-proxy-admin'],
    say: 'was never asked: something in front refused the body',
  },
  {
    name: 'the same to a manifest, which has one shape only',
    when: both(status(400), puttingManifest, (answer) => !itself(answer)),
    kind: 'body-refused',
    retryable: true,
    next: ['use-relay', 'check-path', 'ask-proxy-admin'],
    say: 'was never asked: something in front refused the body',
  },
  {
    name: 'a 403 to a blob by something in front: a firewall that looks into bodies',
    when: both(status(403), uploading, foreign),
    kind: 'proxy-refused',
    next: ({ strategy }) => ['ask-proxy-admin', ...otherShapes(strategy)],
    say: 'was not asked: something in front refused the body',
  },
  {
    name: 'a blob the registry itself finds wrong: zot to a length it cannot read, Docker Hub to a large PUT where a PATCH passes',
    when: both(status(400), uploading, itself),
    kind: 'invalid',
    next: ({ strategy }) => [...otherShapes(strategy), 'ask-registry-admin'],
    say: 'refused the body',
  },
]
