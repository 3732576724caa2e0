import { mediaTypes } from '../../../shared/model/media-types.ts'
import { artifact, codeOf, digestOf, refusalOf, type Rule, sha256 } from './rule.ts'

const accept = { Accept: mediaTypes.ociManifest }
const remove = { method: 'DELETE' }

export const managementRules: readonly Rule[] = [
  {
    end: 'end-9',
    section: 'Deleting tags',
    sentence: 'DELETE of a tag takes the tag and leaves the manifest',
    run: async (server) => {
      const { repository, ask, put } = server
      const manifest = await artifact(server, repository)
      await put(repository, 'v1', manifest)
      const gone = await ask(`/v2/${repository}/manifests/v1`, remove)
      const code = await codeOf(gone)
      const byTag = await ask(`/v2/${repository}/manifests/v1`, { headers: accept })
      const byDigest = await ask(`/v2/${repository}/manifests/${digestOf(manifest)}`, { headers: accept })
      return [gone.status, code, byTag.status, byDigest.status]
    },
    expected: [202, null, 404, 200],
  },
  {
    end: 'end-9',
    section: 'Deleting tags',
    sentence: 'an unknown tag is 404 MANIFEST_UNKNOWN',
    run: async (server) => {
      const { repository, ask, put } = server
      await put(repository, 'v1', await artifact(server, repository))
      return refusalOf(await ask(`/v2/${repository}/manifests/none`, remove))
    },
    expected: [404, 'MANIFEST_UNKNOWN'],
  },
  {
    end: 'end-9',
    section: 'Deleting Manifests',
    sentence: 'DELETE of a digest takes the manifest and its tags',
    run: async (server) => {
      const { repository, ask, put } = server
      const manifest = await artifact(server, repository)
      await put(repository, 'v1', manifest)
      const gone = await ask(`/v2/${repository}/manifests/${digestOf(manifest)}`, remove)
      const byTag = await ask(`/v2/${repository}/manifests/v1`, { headers: accept })
      const byDigest = await ask(`/v2/${repository}/manifests/${digestOf(manifest)}`, { headers: accept })
      return [gone.status, byTag.status, byDigest.status]
    },
    expected: [202, 404, 404],
  },
  {
    end: 'end-9',
    section: 'Deleting Manifests',
    sentence: 'an unknown digest is 404 MANIFEST_UNKNOWN',
    run: async (server) => {
      const { repository, ask, put } = server
      await put(repository, 'v1', await artifact(server, repository))
      return refusalOf(await ask(`/v2/${repository}/manifests/${sha256('none')}`, remove))
    },
    expected: [404, 'MANIFEST_UNKNOWN'],
  },
  {
    end: 'end-9',
    section: 'Deleting Manifests',
    sentence: 'a deleted referrer is listed no more',
    run: async (server) => {
      const { repository, ask, put } = server
      const subject = { mediaType: mediaTypes.ociManifest, digest: sha256('subject'), size: 7 }
      const manifest = await artifact(server, repository, { subject })
      await put(repository, digestOf(manifest), manifest)
      await ask(`/v2/${repository}/manifests/${digestOf(manifest)}`, remove)
      const answer = await ask(`/v2/${repository}/referrers/${subject.digest}`)
      if (answer.status !== 200) return [answer.status]
      return [answer.status, ((await answer.json()) as { manifests: unknown[] }).manifests.length]
    },
    expected: [200, 0],
  },
  {
    end: 'end-10',
    section: 'Deleting Blobs',
    sentence: 'DELETE of a blob takes it',
    run: async ({ repository, ask, push }) => {
      const path = `/v2/${repository}/blobs/${await push(repository, 'short-lived')}`
      const gone = await ask(path, remove)
      return [gone.status, (await ask(path)).status]
    },
    expected: [202, 404],
  },
  {
    end: 'end-10',
    section: 'Deleting Blobs',
    sentence: 'an unknown blob is 404 BLOB_UNKNOWN',
    run: async ({ repository, ask, push }) => {
      await push(repository, 'another')
      return refusalOf(await ask(`/v2/${repository}/blobs/${sha256('none')}`, remove))
    },
    expected: [404, 'BLOB_UNKNOWN'],
  },
]
