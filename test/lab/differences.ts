import type { Difference } from '../demo/conformance/rules.ts'

/** What both versions of distribution do otherwise than the rules of test/demo/conformance expect. */
const always: Readonly<Record<string, Difference>> = {
  'end-3: a manifest is found by whoever names no media type': {
    observed: [404],
    because: 'it shows an OCI manifest only to who accepts one',
  },
  'errors: a name that cannot be one is refused as NAME_INVALID': {
    observed: [404, null],
    because: 'its router does not know such a path and answers in plain text',
  },
  'end-4b: POST with a digest stores the blob at once': {
    observed: [202],
    because: 'it opens a session and leaves the body unread',
  },
  'end-11: without from, a blob of any repository is mounted': {
    observed: [202],
    because: 'it does not look for a blob by itself',
  },
  'end-7: PUT by digest stores it without a tag': {
    observed: [201, 200, 404, 0],
    because: 'a repository without a tag has no list of tags: NAME_UNKNOWN',
  },
  'end-7: PUT by a sha512 digest is found by it': {
    observed: [400, 404],
    because: 'it stores manifests by sha256 alone, though blobs by sha512 as well',
  },
  'end-7: a manifest over 4 MiB is 413': { observed: [400], because: 'it says MANIFEST_INVALID' },
  'end-7: an index may name manifests that are not there': {
    observed: [400],
    because: 'it says MANIFEST_BLOB_UNKNOWN',
  },
  'end-7: a subject, also one that is not there, is acknowledged in OCI-Subject': {
    observed: [201, null],
    because: 'it has no referrers API',
  },
  'end-12a: an index describes each referrer with its type and annotations': {
    observed: [404, 'text/plain; charset=utf-8', false, null, null],
    because: 'it has no referrers API, and its router answers in plain text',
  },
  "end-12a: without an artifactType, the config's media type stands for it": {
    observed: [404, null],
    because: 'it has no referrers API',
  },
  'end-12a: an index can be a referrer': { observed: [404, false], because: 'it has no referrers API' },
  'end-12a: what nobody refers to has an empty list, not a 404': {
    observed: [404, 0],
    because: 'it has no referrers API',
  },
  'end-12b: artifactType filters, and OCI-Filters-Applied says so': {
    observed: [404, null, false],
    because: 'it has no referrers API',
  },
  'end-12a: a subject that is no digest is 400': { observed: [404], because: 'it has no referrers API' },
  'end-9: a deleted referrer is listed no more': { observed: [404], because: 'it has no referrers API' },
}

const everyTag = '0.9 1.0 1.0.1 A B C a a-1 b c d e'

/** docker-registry 2.8, Debian's build of 2.8.2. */
export const dockerRegistryDifferences: Readonly<Record<string, Difference>> = {
  ...always,
  'end-5: a chunk out of order is 416': {
    observed: [202],
    because: 'it appends whatever Content-Range says',
  },
  'end-5: a chunk that is not as long as its Content-Range says is 416': {
    observed: [202],
    because: 'it appends whatever Content-Range says',
  },
  'end-13: an unknown session is 404 BLOB_UPLOAD_UNKNOWN': {
    observed: [404, 'BLOB_UPLOAD_INVALID'],
    because: 'it misses its _state in the address before it looks for the session',
  },
  'end-8a: tags come in lexical order': {
    observed: [12, false],
    because: 'they come as its storage lists them',
  },
  'end-8b: n makes pages, and Link leads from one to the next': {
    observed: [everyTag],
    because: 'it ignores n',
  },
  'end-8b: last begins behind a name, which need not be a tag': {
    observed: [everyTag],
    because: 'it ignores last',
  },
  'end-8b: n=0 is an empty list without Link': { observed: [everyTag], because: 'it ignores n' },
  'end-9: DELETE of a tag takes the tag and leaves the manifest': {
    observed: [400, 'DIGEST_INVALID', 200, 200],
    because: 'it deletes by digest alone',
  },
  'end-9: an unknown tag is 404 MANIFEST_UNKNOWN': {
    observed: [400, 'DIGEST_INVALID'],
    because: 'it deletes by digest alone',
  },
}

/** distribution 3.1.1. */
export const distributionDifferences: Readonly<Record<string, Difference>> = {
  ...always,
  'end-5: a chunk that is not as long as its Content-Range says is 416': {
    observed: [400],
    because: 'it says SIZE_INVALID',
  },
}
