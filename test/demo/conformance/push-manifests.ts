import { mediaTypes } from '../../../shared/model/media-types.ts'
import { artifact, digestOf, refusalOf, type Rule, sha256, sha512 } from './rule.ts'

const mebibyte = 1024 * 1024
const elsewhere = { mediaType: mediaTypes.ociManifest, digest: sha256('elsewhere'), size: 9 }

export const pushManifestRules: readonly Rule[] = [
  {
    end: 'end-7',
    section: 'Pushing Manifests',
    sentence: 'PUT by tag stores a manifest and names its digest',
    run: async (server) => {
      const manifest = await artifact(server, server.repository)
      const put = await server.put(server.repository, 'v1', manifest)
      const named = put.headers.get('docker-content-digest') === digestOf(manifest)
      return [put.status, put.headers.has('location'), named]
    },
    expected: [201, true, true],
  },
  {
    end: 'end-7',
    section: 'Pushing Manifests',
    sentence: 'PUT by digest stores it without a tag',
    run: async (server) => {
      const { repository, ask, put } = server
      const manifest = await artifact(server, repository)
      const stored = await put(repository, digestOf(manifest), manifest)
      const get = await ask(`/v2/${repository}/manifests/${digestOf(manifest)}`, {
        headers: { Accept: mediaTypes.ociManifest },
      })
      const listed = await ask(`/v2/${repository}/tags/list`)
      const { tags } = (await listed.json()) as { tags?: string[] | null }
      return [stored.status, get.status, listed.status, (tags ?? []).length]
    },
    expected: [201, 200, 200, 0],
  },
  {
    end: 'end-7',
    section: 'Pushing Manifests',
    sentence: 'PUT by a sha512 digest is found by it',
    run: async (server) => {
      const { repository, ask, put } = server
      const manifest = await artifact(server, repository)
      const digest = sha512(JSON.stringify(manifest))
      const stored = await put(repository, digest, manifest)
      const get = await ask(`/v2/${repository}/manifests/${digest}`, {
        headers: { Accept: mediaTypes.ociManifest },
      })
      return [stored.status, get.status]
    },
    expected: [201, 200],
  },
  {
    end: 'end-7',
    section: 'Pushing Manifests',
    sentence: 'a manifest under the digest of another is refused',
    run: async (server) =>
      refusalOf(
        await server.put(server.repository, sha256('another'), await artifact(server, server.repository)),
      ),
    expected: [400, 'DIGEST_INVALID'],
  },
  {
    end: 'end-7',
    section: 'Pushing Manifests',
    sentence: 'a manifest whose blobs are not there is refused',
    run: async (server) => {
      const manifest = await artifact(server, server.repository, { layers: [elsewhere] })
      return refusalOf(await server.put(server.repository, 'v1', manifest))
    },
    expected: [400, 'MANIFEST_BLOB_UNKNOWN'],
  },
  {
    end: 'end-7',
    section: 'Pushing Manifests',
    sentence: 'what is no manifest is refused',
    run: async ({ repository, ask }) =>
      refusalOf(
        await ask(`/v2/${repository}/manifests/v1`, {
          method: 'PUT',
          body: 'nonsense',
          headers: { 'Content-Type': mediaTypes.ociManifest },
        }),
      ),
    expected: [400, 'MANIFEST_INVALID'],
  },
  {
    end: 'end-7',
    section: 'Pushing Manifests',
    sentence: 'a manifest of nearly 4 MiB is stored',
    run: async (server) => {
      const annotations = { 'example.long': 'x'.repeat(4 * mebibyte - 2048) }
      const manifest = await artifact(server, server.repository, { annotations })
      return [(await server.put(server.repository, 'v1', manifest)).status]
    },
    expected: [201],
  },
  {
    end: 'end-7',
    section: 'Pushing Manifests',
    sentence: 'a manifest over 4 MiB is 413',
    run: async (server) => {
      const annotations = { 'example.long': 'x'.repeat(4 * mebibyte) }
      const manifest = await artifact(server, server.repository, { annotations })
      return [(await server.put(server.repository, 'v1', manifest)).status]
    },
    expected: [413],
  },
  {
    end: 'end-7',
    section: 'Pushing Manifests',
    sentence: 'an index may name manifests that are not there',
    run: async ({ repository, put }) => [
      (
        await put(repository, 'v1', {
          schemaVersion: 2,
          mediaType: mediaTypes.ociIndex,
          manifests: [elsewhere],
        })
      ).status,
    ],
    expected: [201],
  },
  {
    end: 'end-7',
    section: 'Pushing Manifests',
    sentence: 'a docker manifest keeps its media type',
    run: async (server) => {
      const { repository, ask, put } = server
      await put(
        repository,
        'v1',
        await artifact(server, repository, { mediaType: mediaTypes.dockerManifest }),
      )
      const get = await ask(`/v2/${repository}/manifests/v1`, {
        headers: { Accept: mediaTypes.dockerManifest },
      })
      return [get.status, get.headers.get('content-type')]
    },
    expected: [200, mediaTypes.dockerManifest],
  },
  {
    end: 'end-7',
    section: 'Pushing Manifests with Subject',
    sentence: 'a subject, also one that is not there, is acknowledged in OCI-Subject',
    run: async (server) => {
      const manifest = await artifact(server, server.repository, { subject: elsewhere })
      const put = await server.put(server.repository, digestOf(manifest), manifest)
      return [put.status, put.headers.get('oci-subject')]
    },
    expected: [201, elsewhere.digest],
  },
]
