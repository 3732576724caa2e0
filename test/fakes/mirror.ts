import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'

/** A request a fake host was asked. */
export interface Asked {
  method: string
  /** Path and query as they came. */
  url: string
  path: string
  query: URLSearchParams
  headers: IncomingHttpHeaders
}

/** What it says: an answer, silence, or half an answer. */
export type Said =
  | { status: number; headers?: Record<string, string>; body?: string | Uint8Array }
  | 'hang'
  | 'cut'

export interface FakeHost {
  /** host:port */
  host: string
  /** http://host:port */
  url: string
  asked: Asked[]
  stop(): Promise<void>
}

/** A mirror, registry or token service that answers over real HTTP on loopback as `answer` says. */
export async function startFakeHost(answer: (asked: Asked) => Said): Promise<FakeHost> {
  const asked: Asked[] = []
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://fake')
    const one: Asked = {
      method: request.method ?? '',
      url: request.url ?? '',
      path: url.pathname,
      query: url.searchParams,
      headers: request.headers,
    }
    asked.push(one)
    say(answer(one), one, response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no TCP port was given')
  const host = `127.0.0.1:${address.port}`
  return {
    host,
    url: `http://${host}`,
    asked,
    stop: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/** An address nobody listens on: below the ports a system gives out, so no other test can come to sit there. */
export const closedPort = '127.0.0.1:1'

function say(said: Said, asked: Asked, response: ServerResponse): void {
  if (said === 'hang') return
  if (said === 'cut') {
    response.writeHead(200, { 'content-length': '1000' })
    response.write('half')
    // the half is on its way before the connection goes
    response.flushHeaders()
    setImmediate(() => response.destroy())
    return
  }
  const body = Buffer.from(said.body ?? '')
  response.writeHead(said.status, { 'content-length': String(body.length), ...said.headers })
  response.end(asked.method === 'HEAD' ? undefined : body)
}

/** An OCI error body as Spegel and registries send it. */
export function ociError(status: number, code: string, message: string, detail?: unknown): Said {
  return {
    status,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ errors: [{ code, ...(detail === undefined ? {} : { detail }), message }] }),
  }
}

/** Spegel's ordinary answer for what no peer has (0.7). */
export function spegelMiss(asked: Asked): Said {
  const code = asked.path.includes('/blobs/') ? 'BLOB_UNKNOWN' : 'MANIFEST_UNKNOWN'
  return ociError(404, code, 'could not find peer for it', { attempts: 0 })
}

export interface FakeImage {
  /** Answers for `/v2/<repository>/…`; what the image does not have is MANIFEST_UNKNOWN or BLOB_UNKNOWN. */
  answer(asked: Asked): Said
  digest: string
  configDigest: string
  configMediaType: string
}

const manifestType = 'application/vnd.oci.image.manifest.v1+json'
const indexType = 'application/vnd.oci.image.index.v1+json'
const configMediaType = 'application/vnd.oci.image.config.v1+json'

/** A small image under one tag, as an index over `platforms` (os/architecture) or, without, as one manifest. */
export function fakeImage(repository: string, tag: string, platforms: string[] = []): FakeImage {
  const contents = new Map<string, { type: string; bytes: Buffer }>()
  const add = (type: string, value: unknown) => {
    const bytes = Buffer.from(JSON.stringify(value))
    const digest = digestOf(bytes)
    contents.set(digest, { type, bytes })
    return { mediaType: type, digest, size: bytes.length }
  }
  const manifestOf = (platform: string) => {
    const [os, architecture] = platform.split('/')
    const config = add(configMediaType, { os, architecture, rootfs: { type: 'layers', diff_ids: [] } })
    return {
      config,
      manifest: add(manifestType, { schemaVersion: 2, mediaType: manifestType, config, layers: [] }),
    }
  }
  const first = manifestOf(platforms[0] ?? 'linux/amd64')
  const top =
    platforms.length === 0
      ? first.manifest
      : add(indexType, {
          schemaVersion: 2,
          mediaType: indexType,
          manifests: platforms.map((platform) => {
            const [os, architecture] = platform.split('/')
            return { ...manifestOf(platform).manifest, platform: { os, architecture } }
          }),
        })
  const answer = (asked: Asked): Said => {
    const found = new RegExp(`^/v2/${repository}/(manifests|blobs)/(.+)$`).exec(asked.path)
    const digest = found?.[2] === tag ? top.digest : (found?.[2] ?? '')
    const content = contents.get(digest)
    if (content === undefined) {
      const code = found?.[1] === 'blobs' ? 'BLOB_UNKNOWN' : 'MANIFEST_UNKNOWN'
      return ociError(404, code, 'unknown to registry')
    }
    return {
      status: 200,
      headers: { 'content-type': content.type, 'docker-content-digest': digest },
      body: content.bytes,
    }
  }
  return { answer, digest: top.digest, configDigest: first.config.digest, configMediaType }
}

function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`
}
