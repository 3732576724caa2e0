import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { TLSSocket } from 'node:tls'
import { chains, root } from '../chains.ts'
import { discovery } from './discovery.ts'
import { type Backend, passOn } from './proxy.ts'
import {
  type Attributes,
  continueExpired,
  forbidden,
  notFound,
  notReached,
  status,
  type Status,
  unauthorized,
} from './status.ts'
import { createStore, selects, type Store } from './store.ts'
import { type OpenWatch, serveWatch } from './watch.ts'

/** A request as the API server saw it. */
export interface ApiRequest extends Attributes {
  path: string
  query: URLSearchParams
  headers: IncomingMessage['headers']
}

export interface FakeApiServer {
  /** https://127.0.0.1:port */
  url: string
  host: string
  /** PEM of the authority its certificate is of. */
  ca: string
  store: Store
  /** Requests that were authorized or refused, without discovery. */
  asked: ApiRequest[]
  watches: OpenWatch[]
  /** Resolves once there were so many watches. */
  watched(count: number): Promise<void>
  /** Users by bearer token, and by `user:password`. */
  tokens: Map<string, string>
  basic: Map<string, string>
  /** The RBAC of the cluster; everything is allowed where it is not set. */
  allow: (attributes: Attributes) => boolean
  /** Where `namespace/pod:port`, or a node, leads; what is not named refuses connections. */
  backends: Map<string, Backend>
  /** Answers in place of the API server where it returns true. */
  intercept: (request: ApiRequest, response: ServerResponse) => boolean
  /** Makes every continuation token there is expire. */
  expireContinuations(): void
  stop(): Promise<void>
}

/**
 * An API server over real TLS on loopback: pods and nodes, listed in pages and watched, pod and node proxies, discovery;
 * bearer tokens, client certificates (their CN), user and password. Its answers were laid beside those of kube-apiserver
 * 1.34.2, and test/mirrors/sources/kubernetes/kubectl.test.ts asks it with the real kubectl.
 */
export async function startApiServer(): Promise<FakeApiServer> {
  const store = createStore()
  const watchers = new Set<() => void>()
  let epoch = 0
  const server = createServer({ ...chains.good, ca: [root], requestCert: true, rejectUnauthorized: false })

  const respond = (response: ServerResponse, body: object, code = 200) => {
    const text = JSON.stringify(body)
    response.writeHead(code, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(text),
    })
    response.end(text)
  }
  const refuse = (response: ServerResponse, body: Status) => respond(response, body, body.code)

  const list = (asked: ApiRequest, response: ServerResponse) => {
    const kind = asked.resource === 'pods' ? 'Pod' : 'Node'
    const selector = asked.query.get('labelSelector') ?? ''
    const all = store.list(kind, asked.namespace).filter(({ metadata }) => selects(selector, metadata.labels))
    const token = readToken(asked.query.get('continue'))
    if (token !== undefined && token.epoch !== epoch) {
      refuse(response, continueExpired)
      return
    }
    const start = token?.start ?? 0
    const limit = Number(asked.query.get('limit') ?? 0) || all.length
    const items = all.slice(start, start + limit)
    const rest = all.length - start - items.length
    respond(response, {
      kind: `${kind}List`,
      apiVersion: 'v1',
      metadata: {
        resourceVersion: String(token?.version ?? store.version()),
        ...(rest > 0
          ? {
              continue: writeToken({
                epoch,
                start: start + items.length,
                version: token?.version ?? store.version(),
              }),
              remainingItemCount: rest,
            }
          : {}),
      },
      items,
    })
  }

  const watch = (asked: ApiRequest, response: ServerResponse) => {
    const opened = serveWatch(response, store, {
      kind: asked.resource === 'pods' ? 'Pod' : 'Node',
      namespace: asked.namespace,
      selector: asked.query.get('labelSelector') ?? '',
      version: Number(asked.query.get('resourceVersion') ?? 0),
      bookmarks: asked.query.get('allowWatchBookmarks') === 'true',
    })
    fake.watches.push(opened)
    for (const wake of watchers) wake()
  }

  const proxy = (asked: ApiRequest, to: Target, request: IncomingMessage, response: ServerResponse) => {
    const kind = to.resource === 'pods' ? 'Pod' : 'Node'
    const there = store.list(kind, to.namespace).some(({ metadata }) => metadata.name === to.name)
    const { name = '' } = to
    const key = to.namespace === undefined ? name : `${to.namespace}/${name}:${to.port ?? ''}`
    const backend = fake.backends.get(key)
    if (!there) refuse(response, notFound(to.resource, name))
    else if (backend === undefined) refuse(response, notReached('dial tcp: connect: connection refused'))
    else {
      const search = asked.query.size === 0 ? '' : `?${asked.query.toString()}`
      passOn(backend, `${to.rest ?? '/'}${search}`, request, response, (body) => refuse(response, body))
    }
  }

  const handle = (request: IncomingMessage, response: ServerResponse) => {
    const url = new URL(request.url ?? '/', 'https://fake')
    const user = userOf(request, fake)
    const to = targetOf(url.pathname)
    const watching = ['1', 'true'].includes(url.searchParams.get('watch') ?? '')
    const verb = watching ? 'watch' : to?.name === undefined ? 'list' : 'get'
    const asked: ApiRequest = {
      user: user ?? '',
      verb,
      resource: to === undefined ? '' : to.rest === undefined ? to.resource : `${to.resource}/proxy`,
      ...(to?.namespace === undefined ? {} : { namespace: to.namespace }),
      // RBAC sees a proxied pod with its port
      ...(to?.name === undefined ? {} : { name: to.port === undefined ? to.name : `${to.name}:${to.port}` }),
      path: url.pathname,
      query: url.searchParams,
      headers: request.headers,
    }
    if (to !== undefined) fake.asked.push(asked)
    if (fake.intercept(asked, response)) return
    if (user === undefined) refuse(response, unauthorized)
    else if (to === undefined) {
      const found = discovery[url.pathname]
      if (found === undefined)
        refuse(response, status(404, 'NotFound', 'the server could not find the requested resource'))
      else respond(response, found)
    } else if (!fake.allow(asked)) refuse(response, forbidden(asked))
    else if (to.rest !== undefined) proxy(asked, to, request, response)
    else if (verb === 'watch') watch(asked, response)
    else if (verb === 'list') list(asked, response)
    else {
      const found = store
        .list(to.resource === 'pods' ? 'Pod' : 'Node', to.namespace)
        .find(({ metadata }) => metadata.name === to.name)
      if (found === undefined) refuse(response, notFound(to.resource, to.name ?? ''))
      else respond(response, found)
    }
  }

  server.on('request', handle)
  server.on('tlsClientError', () => undefined)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no TCP port was given')
  const host = `127.0.0.1:${address.port}`

  const fake: FakeApiServer = {
    url: `https://${host}`,
    host,
    ca: root,
    store,
    asked: [],
    watches: [],
    watched: (count) =>
      new Promise((resolve) => {
        const look = () => {
          if (fake.watches.length < count) return
          watchers.delete(look)
          resolve()
        }
        watchers.add(look)
        look()
      }),
    tokens: new Map([['secret-token', 'ada']]),
    basic: new Map(),
    allow: () => true,
    backends: new Map(),
    intercept: () => false,
    expireContinuations: () => {
      epoch += 1
    },
    stop: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
  return fake
}

/** Who asks, or undefined for somebody unknown: anonymous requests are refused, as kubeadm has it. */
function userOf(request: IncomingMessage, { tokens, basic }: FakeApiServer): string | undefined {
  const [scheme, secret = ''] = (request.headers.authorization ?? '').split(' ')
  if (scheme === 'Bearer') return tokens.get(secret)
  if (scheme === 'Basic') return basic.get(Buffer.from(secret, 'base64').toString('utf8'))
  const socket = request.socket as TLSSocket
  const name = socket.authorized ? socket.getPeerCertificate().subject.CN : undefined
  return typeof name === 'string' ? name : undefined
}

/** What a path names. `rest` is what a proxy passes on. */
interface Target {
  resource: 'pods' | 'nodes'
  namespace?: string
  name?: string
  port?: string
  rest?: string
}

function targetOf(path: string): Target | undefined {
  const found =
    /^\/api\/v1(?:\/namespaces\/([^/]+))?\/(pods|nodes)(?:\/([^/]+?)(?::(\d+))?(?:\/proxy(\/.*)?)?)?$/.exec(
      path,
    )
  if (found === null) return undefined
  const [, namespace, resource, name, port, rest] = found
  const proxied = /\/proxy(?:\/|$)/.test(path)
  return {
    resource: resource === 'nodes' ? 'nodes' : 'pods',
    ...(namespace === undefined ? {} : { namespace }),
    ...(name === undefined ? {} : { name }),
    ...(port === undefined ? {} : { port }),
    ...(proxied ? { rest: rest ?? '/' } : {}),
  }
}

interface Continuation {
  epoch: number
  start: number
  version: number
}

function writeToken(continuation: Continuation): string {
  return Buffer.from(JSON.stringify(continuation)).toString('base64url')
}

function readToken(text: string | null): Continuation | undefined {
  if (text === null || text === '') return undefined
  return JSON.parse(Buffer.from(text, 'base64url').toString('utf8')) as Continuation
}
