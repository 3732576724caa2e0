import { both, itself, mentions, type Row, says, status } from './explain-row.ts'

/** What there is and what may be said of it: names, tags, manifests, and what a registry can do at all. */
export const contentRows: Row[] = [
  {
    name: 'a mirror has no peer with it, or filters it: ordinary, the next host is asked',
    when: both(status(404), itself, ({ role, attempts }) => role === 'mirror' && (attempts ?? 0) === 0),
    kind: 'not-here',
    next: ['none-needed'],
    say: 'does not have it, which is normal for a mirror',
  },
  {
    name: 'a mirror found peers and got it from none: Spegel 0.4 and later counts them in detail.attempts',
    when: both(status(404), itself, ({ role }) => role === 'mirror'),
    kind: 'not-here',
    next: ['check-mirror-agent', 'check-network'],
    say: 'asked peers that should have it and got it from none',
  },
  {
    name: 'it is there, but OCI types were not asked for: distribution 404 "… accept header does not support OCI manifests"',
    when: both(status(404), itself, (answer) => mentions(answer, /accept header does not support/i)),
    kind: 'invalid',
    next: ['ask-proxy-admin', 'report-bug'],
    say: 'has it, but the Accept header that asks for OCI types got lost on the way',
  },
  {
    name: 'a manifest before its blobs: MANIFEST_BLOB_UNKNOWN, Cloudflare’s registry 400 BLOB_UNKNOWN',
    when: (answer) =>
      says('MANIFEST_BLOB_UNKNOWN')(answer) || (answer.status === 400 && says('BLOB_UNKNOWN')(answer)),
    kind: 'invalid',
    retryable: true,
    next: ['retry', 'ask-registry-admin'],
    say: 'does not hold a blob that the manifest names',
  },
  {
    name: 'a limit of ECR: 405 UNSUPPORTED "Invalid parameter at …" (tart issue 890)',
    when: both(itself, status(400, 405), (answer) => mentions(answer, /invalid parameter at/i)),
    kind: 'invalid',
    next: ['ask-registry-admin'],
    say: 'refused what it was told, for a limit of its own',
  },
  {
    name: 'a name or tag against the rules: NAME_INVALID, TAG_INVALID',
    when: says('NAME_INVALID', 'TAG_INVALID'),
    kind: 'invalid',
    next: ({ phase }) => (phase === 'manifest-put' ? ['choose-another-tag', 'check-name'] : ['check-name']),
    say: 'takes no such name',
  },
  {
    name: 'a manifest against the rules: MANIFEST_INVALID, MANIFEST_UNVERIFIED',
    when: says('MANIFEST_INVALID', 'MANIFEST_UNVERIFIED'),
    kind: 'invalid',
    next: ['ask-registry-admin', 'report-bug'],
    say: 'takes no such manifest',
  },
  {
    name: 'more entries a page than allowed: PAGINATION_NUMBER_INVALID',
    when: says('PAGINATION_NUMBER_INVALID'),
    kind: 'invalid',
    next: ['report-bug'],
    say: 'sends no pages of this size',
  },
  {
    name: 'no list of repositories: ghcr.io and others have no _catalog',
    when: both(itself, status(404, 405), ({ phase }) => phase === 'catalog'),
    kind: 'unsupported',
    next: ['check-name'],
    say: 'lists no repositories: they have to be named',
  },
  {
    name: 'a repository that is not made by pushing to it: ECR 404 NAME_UNKNOWN (helm issue 10169)',
    when: both(itself, status(404), ({ phase }) => phase === 'upload-session'),
    kind: 'not-found',
    next: ['ask-registry-admin', 'check-name'],
    say: 'has no such repository and makes none by itself',
  },
  {
    name: 'no such repository, tag or digest: *_UNKNOWN, Quay TAG_EXPIRED, 404',
    when: (answer) =>
      answer.phase !== 'ping' &&
      (says('MANIFEST_UNKNOWN', 'NAME_UNKNOWN', 'BLOB_UNKNOWN', 'TAG_EXPIRED')(answer) ||
        (itself(answer) && answer.status === 404)),
    kind: 'not-found',
    next: ({ role }) => (role === 'agent' ? ['check-address'] : ['check-name']),
    say: 'has no such thing',
  },
  {
    name: 'not now: read-only (distribution 405, Quay 405 DENIED), or zot 405 DENIED to a manifest that an index refers to',
    when: both(
      itself,
      status(405),
      ({ ociErrors }) => ociErrors.length === 0 || ociErrors[0]?.code === 'DENIED',
    ),
    kind: 'unsupported',
    next: ['ask-registry-admin'],
    say: 'does not do this now: it is read-only, or something still refers to this',
  },
  {
    name: 'not at all: a cache takes no pushes, deletion is switched off (UNSUPPORTED, 405; Harbor 400 for tags)',
    when: (answer) => says('UNSUPPORTED')(answer) || (itself(answer) && answer.status === 405),
    kind: 'unsupported',
    next: ['ask-registry-admin'],
    say: 'does not support this',
  },
  {
    name: 'a type it does not give or take: 406 to a manifest or to referrers, zot 415 to other than bytes',
    when: both(itself, status(406, 415)),
    kind: 'unsupported',
    next: ['ask-registry-admin', 'ask-proxy-admin'],
    say: 'does not take or give this type',
  },
  {
    name: 'a bare 400: distribution’s access controller failed',
    when: both(itself, status(400), ({ shape, role }) => shape === 'empty' && role === 'registry'),
    kind: 'invalid',
    next: ['ask-registry-admin'],
    say: 'answers 400 and nothing else, as distribution does when it cannot check who asks',
  },
  {
    name: 'anything else that it finds wrong',
    when: both(itself, status(400)),
    kind: 'invalid',
    next: ['check-name', 'ask-registry-admin'],
    say: 'refused what it was told',
  },
]
