import { createHash } from 'node:crypto'
import { mediaTypes } from '../../../shared/model/media-types.ts'

/** What a rule observes: statuses, error codes and header values, in the order its sentence tells. */
export type Observed = readonly (string | number | boolean | null)[]

/** One sentence of distribution-spec v1.1 that a registry's answers can prove. */
export interface Rule {
  /** The end-point of the spec's table, or `errors`. */
  end: string
  /** The spec's section. */
  section: string
  sentence: string
  run(server: Server): Promise<Observed>
  expected: Observed
}

/** A registry, and a repository in it that no other rule uses. */
export interface Server {
  repository: string
  /** A second one. */
  neighbour: string
  /** Asks for `path`, which may be an absolute URL as Location and Link give them. */
  ask(path: string, init?: RequestInit): Promise<Response>
  /** POST then PUT; answers with the digest. Throws where the registry does not take it. */
  push(repository: string, content: string | Uint8Array<ArrayBuffer>): Promise<string>
  /** PUT of a manifest under a tag or digest. */
  put(repository: string, reference: string, manifest: object): Promise<Response>
}

export function serverAt(url: string, repository: string): Server {
  const ask = (path: string, init?: RequestInit) => fetch(new URL(path, url), { redirect: 'manual', ...init })
  return {
    repository,
    neighbour: `${repository}-neighbour`,
    ask,
    push: async (name, content) => {
      const digest = sha256(content)
      const start = await ask(`/v2/${name}/blobs/uploads/`, { method: 'POST' })
      const put = await ask(commitOf(start, digest), { method: 'PUT', body: content, headers: octets })
      if (put.status !== 201)
        throw new Error(`${name} did not take a blob: ${put.status} ${await put.text()}`)
      return digest
    },
    put: (name, reference, manifest) =>
      ask(`/v2/${name}/manifests/${reference}`, {
        method: 'PUT',
        body: JSON.stringify(manifest),
        headers: { 'Content-Type': mediaTypeOf(manifest) },
      }),
  }
}

export const octets = { 'Content-Type': 'application/octet-stream' }

/** The error code of an answer, null where it has none. */
export async function codeOf(response: Response): Promise<string | null> {
  const text = await response.text()
  try {
    return (JSON.parse(text) as { errors: { code: string }[] }).errors[0]?.code ?? null
  } catch {
    return null
  }
}

/** Status and error code: what most refusals come to. */
export async function refusalOf(response: Response): Promise<Observed> {
  return [response.status, await codeOf(response)]
}

export function locationOf(response: Response): string {
  return new URL(response.headers.get('location') ?? '', response.url).toString()
}

export function commitOf(response: Response, digest: string): string {
  const url = new URL(locationOf(response))
  url.searchParams.set('digest', digest)
  return url.toString()
}

export function sha256(content: string | Uint8Array): string {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`
}

export function sha512(content: string | Uint8Array): string {
  return `sha512:${createHash('sha512').update(content).digest('hex')}`
}

/** An artifact manifest over one small blob, which is pushed as its config. */
export async function artifact(server: Server, repository: string, extra: object = {}): Promise<object> {
  const config = { mediaType: 'application/vnd.oci.empty.v1+json', digest: sha256('{}'), size: 2 }
  await server.push(repository, '{}')
  return { schemaVersion: 2, mediaType: mediaTypes.ociManifest, config, layers: [config], ...extra }
}

/** Digest of a manifest as `put` sends it. */
export function digestOf(manifest: object): string {
  return sha256(JSON.stringify(manifest))
}

function mediaTypeOf(manifest: object): string {
  return 'mediaType' in manifest ? String(manifest.mediaType) : mediaTypes.ociManifest
}
