import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { repositorySchema } from '../../shared/model/reference.ts'
import { deleteBlob, getBlob } from './blobs.ts'
import { listRepositories, listTags } from './listing.ts'
import { listen } from './listen.ts'
import { deleteManifest, getManifest, getReferrers, putManifest } from './manifests.ts'
import { jsonReply, type Reply, Refusal, refusalReply } from './reply.ts'
import { createStore, type Store, type StoreLimits } from './store.ts'
import { createUploads, type Uploads } from './uploads.ts'

const mebibyte = 1024 * 1024
const defaultLimits: StoreLimits = { maxBytes: 512 * mebibyte, maxItems: 100_000 }
/** distribution-spec v1.1: registries should take manifests of at least 4 MiB. */
const maxManifestBytes = 4 * mebibyte
const maxSessions = 64

export interface EmbeddedRegistry {
  /** http://127.0.0.1:port */
  url: string
  /** What it holds; seeding writes here without the wire between. */
  store: Store
  stop(): Promise<void>
}

interface Parts {
  store: Store
  uploads: Uploads
  limits: StoreLimits
}

/**
 * An OCI registry in memory on loopback, without authentication: distribution-spec v1.1's pull, push, content
 * discovery and content management, and the catalog of docker's registry. What is stored is gone when it stops.
 */
export async function startEmbeddedRegistry(
  options: { port?: number; limits?: StoreLimits } = {},
): Promise<EmbeddedRegistry> {
  const limits = options.limits ?? defaultLimits
  const store = createStore(limits)
  const parts: Parts = { store, uploads: createUploads(store, maxSessions), limits }
  const server = createServer((request, response) => {
    void answer(request, parts).then((reply) => write(request, response, reply))
  })
  const { port, stop } = await listen(server, options.port ?? 0)
  return { url: `http://127.0.0.1:${port}`, store, stop }
}

async function answer(request: IncomingMessage, parts: Parts): Promise<Reply> {
  try {
    const { path, query } = targetOf(request)
    return await route(request, path, query, parts)
  } catch (error) {
    if (error instanceof Refusal) return refusalReply(error)
    // the body broke off: whoever sent it is gone and reads no answer
    return refusalReply(new Refusal(500, 'UNKNOWN', 'the request broke off'))
  }
}

function targetOf(request: IncomingMessage): { path: string; query: URLSearchParams } {
  try {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1')
    return { path: decodeURIComponent(url.pathname), query: url.searchParams }
  } catch {
    throw new Refusal(400, 'NAME_INVALID', 'the address cannot be read')
  }
}

async function route(
  request: IncomingMessage,
  path: string,
  query: URLSearchParams,
  { store, uploads, limits }: Parts,
): Promise<Reply> {
  const method = request.method === 'HEAD' ? 'GET' : request.method
  if (path === '/v2' || path === '/v2/') return only(method, { GET: () => jsonReply(200, {}) })
  if (path === '/v2/_catalog') return only(method, { GET: () => listRepositories(store, query) })

  const [, uploadRepository, id] = /^\/v2\/(.+)\/blobs\/uploads\/?([^/]*)$/.exec(path) ?? []
  if (uploadRepository !== undefined && id !== undefined) {
    const repository = checkName(uploadRepository)
    const upload = {
      repository,
      query,
      contentRange: request.headers['content-range'],
      contentLength: lengthOf(request),
      read: () => readBody(request, limits.maxBytes),
    }
    if (id === '') return only(method, { POST: () => uploads.start(upload) })
    return only(method, {
      GET: () => uploads.status(repository, id),
      PATCH: () => uploads.append(upload, id),
      PUT: () => uploads.finish(upload, id),
      DELETE: () => uploads.cancel(repository, id),
    })
  }

  const [, tagsRepository] = /^\/v2\/(.+)\/tags\/list$/.exec(path) ?? []
  if (tagsRepository !== undefined) {
    return only(method, { GET: () => listTags(store, checkName(tagsRepository), query) })
  }

  const [, name, noun, reference] = /^\/v2\/(.+)\/(blobs|manifests|referrers)\/([^/]+)$/.exec(path) ?? []
  if (name === undefined || reference === undefined) {
    throw new Refusal(404, 'UNSUPPORTED', 'there is no such endpoint')
  }
  const repository = checkName(name)
  if (noun === 'referrers') {
    return only(method, {
      GET: () => getReferrers(store, repository, reference, query.get('artifactType')),
    })
  }
  if (noun === 'blobs') {
    return only(method, {
      GET: () => getBlob(store, repository, reference, request.headers.range),
      DELETE: () => deleteBlob(store, repository, reference),
    })
  }
  return only(method, {
    GET: () => getManifest(store, repository, reference),
    PUT: async () => {
      const bytes = await readBody(request, maxManifestBytes)
      return putManifest(store, repository, reference, request.headers['content-type'] ?? '', bytes)
    },
    DELETE: () => deleteManifest(store, repository, reference),
  })
}

/** Runs what `method` means here, or refuses with the methods that are known. */
async function only(
  method: string | undefined,
  handlers: Record<string, () => Reply | Promise<Reply>>,
): Promise<Reply> {
  const handler = new Map(Object.entries(handlers)).get(method ?? '')
  if (handler !== undefined) return handler()
  throw new Refusal(405, 'UNSUPPORTED', 'this endpoint does not know the method', {
    Allow: Object.keys(handlers).join(', '),
  })
}

function checkName(name: string): string {
  if (!repositorySchema.safeParse(name).success) {
    throw new Refusal(400, 'NAME_INVALID', 'this cannot be the name of a repository')
  }
  return name
}

function lengthOf(request: IncomingMessage): number | undefined {
  const length = request.headers['content-length']
  return length === undefined ? undefined : Number(length)
}

async function readBody(request: IncomingMessage, maxBytes: number): Promise<Uint8Array> {
  const tooLong = new Refusal(413, 'SIZE_INVALID', `the limit is ${maxBytes} bytes`, { Connection: 'close' })
  if ((lengthOf(request) ?? 0) > maxBytes) throw tooLong
  const chunks: Buffer[] = []
  let size = 0
  // the connection has to outlive a refusal in the middle, which travels on it
  const body = request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>
  for await (const chunk of body) {
    size += chunk.byteLength
    if (size > maxBytes) throw tooLong
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function write(request: IncomingMessage, response: ServerResponse, reply: Reply): void {
  const body = reply.body ?? new Uint8Array()
  response.writeHead(reply.status, {
    'Docker-Distribution-Api-Version': 'registry/2.0',
    Server: 'chartroom-demo',
    ...reply.headers,
    ...(reply.status === 204 ? {} : { 'Content-Length': body.byteLength }),
  })
  response.end(request.method === 'HEAD' ? undefined : body)
}
