import { manifestAccept, mediaTypes } from '../../../shared/model/media-types.ts'
import { artifact, digestOf, refusalOf, type Rule, sha256 } from './rule.ts'

const accept = { Accept: manifestAccept }

export const pullRules: readonly Rule[] = [
  {
    end: 'end-1',
    section: 'Determining Support',
    sentence: 'GET /v2/ answers 200',
    run: async ({ ask }) => [(await ask('/v2/')).status],
    expected: [200],
  },
  {
    end: 'end-2',
    section: 'Pulling blobs',
    sentence: 'GET returns the bytes and names their digest',
    run: async ({ repository, ask, push }) => {
      const digest = await push(repository, 'hello')
      const answer = await ask(`/v2/${repository}/blobs/${digest}`)
      return [answer.status, answer.headers.get('docker-content-digest') === digest, await answer.text()]
    },
    expected: [200, true, 'hello'],
  },
  {
    end: 'end-2',
    section: 'Pulling blobs',
    sentence: 'a Range is answered with that part',
    run: async ({ repository, ask, push }) => {
      const digest = await push(repository, '0123456789')
      const answer = await ask(`/v2/${repository}/blobs/${digest}`, { headers: { Range: 'bytes=2-4' } })
      return [answer.status, answer.headers.get('content-range'), await answer.text()]
    },
    expected: [206, 'bytes 2-4/10', '234'],
  },
  {
    end: 'end-2',
    section: 'Pulling blobs',
    sentence: 'a Range behind the end is answered 416',
    run: async ({ repository, ask, push }) => {
      const digest = await push(repository, '0123456789')
      const answer = await ask(`/v2/${repository}/blobs/${digest}`, { headers: { Range: 'bytes=10-' } })
      return [answer.status, answer.headers.get('content-range')]
    },
    expected: [416, 'bytes */10'],
  },
  {
    end: 'end-2',
    section: 'Pulling blobs',
    sentence: 'an unknown blob is 404 BLOB_UNKNOWN',
    run: async ({ repository, ask, push }) => {
      await push(repository, 'another')
      return refusalOf(await ask(`/v2/${repository}/blobs/${sha256('unknown')}`))
    },
    expected: [404, 'BLOB_UNKNOWN'],
  },
  {
    end: 'end-2',
    section: 'Checking if content exists in the registry',
    sentence: 'HEAD of a blob tells its length and digest without a body',
    run: async ({ repository, ask, push }) => {
      const digest = await push(repository, 'hello')
      const answer = await ask(`/v2/${repository}/blobs/${digest}`, { method: 'HEAD' })
      const { status, headers } = answer
      return [status, headers.get('content-length'), headers.get('docker-content-digest') === digest]
    },
    expected: [200, '5', true],
  },
  {
    end: 'end-2',
    section: 'Checking if content exists in the registry',
    sentence: 'HEAD of an unknown blob is 404',
    run: async ({ repository, ask }) => [
      (await ask(`/v2/${repository}/blobs/${sha256('unknown')}`, { method: 'HEAD' })).status,
    ],
    expected: [404],
  },
  {
    end: 'end-3',
    section: 'Pulling manifests',
    sentence: 'GET by tag and by digest returns the bytes that were put, under their media type',
    run: async (server) => {
      const { repository, ask, put } = server
      const manifest = await artifact(server, repository)
      await put(repository, 'v1', manifest)
      const byTag = await ask(`/v2/${repository}/manifests/v1`, { headers: accept })
      const byDigest = await ask(`/v2/${repository}/manifests/${digestOf(manifest)}`, { headers: accept })
      const texts = [await byTag.text(), await byDigest.text()]
      return [
        byTag.status,
        byDigest.status,
        byTag.headers.get('content-type'),
        byTag.headers.get('docker-content-digest') === digestOf(manifest),
        texts.every((text) => text === JSON.stringify(manifest)),
      ]
    },
    expected: [200, 200, mediaTypes.ociManifest, true, true],
  },
  {
    end: 'end-3',
    section: 'Pulling manifests',
    sentence: 'a manifest is found by whoever names no media type',
    run: async (server) => {
      const { repository, ask, put } = server
      await put(repository, 'v1', await artifact(server, repository))
      return [(await ask(`/v2/${repository}/manifests/v1`)).status]
    },
    expected: [200],
  },
  {
    end: 'end-3',
    section: 'Pulling manifests',
    sentence: 'an unknown tag is 404 MANIFEST_UNKNOWN',
    run: async ({ repository, ask, push }) => {
      await push(repository, 'something')
      return refusalOf(await ask(`/v2/${repository}/manifests/none`, { headers: accept }))
    },
    expected: [404, 'MANIFEST_UNKNOWN'],
  },
  {
    end: 'end-3',
    section: 'Checking if content exists in the registry',
    sentence: 'HEAD of a manifest tells its length, type and digest',
    run: async (server) => {
      const { repository, ask, put } = server
      const manifest = await artifact(server, repository)
      await put(repository, 'v1', manifest)
      const answer = await ask(`/v2/${repository}/manifests/v1`, { method: 'HEAD', headers: accept })
      return [
        answer.status,
        answer.headers.get('content-length') === String(JSON.stringify(manifest).length),
        answer.headers.get('content-type'),
        answer.headers.get('docker-content-digest') === digestOf(manifest),
      ]
    },
    expected: [200, true, mediaTypes.ociManifest, true],
  },
  {
    end: 'errors',
    section: 'Error Codes',
    sentence: 'an error is JSON with a code and a message',
    run: async ({ repository, ask }) => {
      const answer = await ask(`/v2/${repository}/manifests/none`, { headers: accept })
      const { errors } = (await answer.json()) as { errors: { code: unknown; message: unknown }[] }
      const type = answer.headers.get('content-type')?.split(';', 1)[0] ?? null
      return [type, typeof errors[0]?.code, typeof errors[0]?.message]
    },
    expected: ['application/json', 'string', 'string'],
  },
  {
    end: 'errors',
    section: 'Error Codes',
    sentence: 'a name that cannot be one is refused as NAME_INVALID',
    run: async ({ ask }) => refusalOf(await ask('/v2/UPPER/tags/list')),
    expected: [400, 'NAME_INVALID'],
  },
  {
    end: 'errors',
    section: 'Error Codes',
    sentence: 'a digest that cannot be one is refused as DIGEST_INVALID',
    run: async ({ repository, ask }) => refusalOf(await ask(`/v2/${repository}/blobs/sha256:0`)),
    expected: [400, 'DIGEST_INVALID'],
  },
  {
    end: 'errors',
    section: 'Error Codes',
    sentence: 'a method an end-point does not have is 405',
    run: async ({ repository, ask }) => [
      (await ask(`/v2/${repository}/tags/list`, { method: 'DELETE' })).status,
    ],
    expected: [405],
  },
]
