import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { CustomScheme } from 'electron'
import type { App } from '../app.ts'
import { contentSecurityPolicy, renderPage } from '../page.ts'
import { mediaTypeOf, pathBelow } from '../page-files.ts'
import { takeIn } from '../take-in.ts'
import { pageHost, pageOrigin, scheme } from './origin.ts'

/** What a file needs to be taken in. */
type Taker = Pick<App, 'intake' | 'log'>

/** Has to be registered before the app is ready: gives the page a real, secure origin and a working fetch. */
export const privilegedScheme: CustomScheme = {
  scheme,
  privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true },
}

/**
 * Answers every request to `app://chartroom/`: the page with a fresh nonce, the files below `root`, and
 * `POST /intake?name=…`, whose body goes to the intake as it arrives. Anything else is 404.
 */
export function createSchemeHandler(
  root: string,
  app: Taker,
): (request: GlobalRequest) => Promise<GlobalResponse> {
  return async (request) => {
    const url = new URL(request.url)
    if (url.host !== pageHost) return notFound()
    if (request.method === 'POST' && url.pathname === '/intake') return takeInFrom(request, url, app)
    if (request.method !== 'GET') return notFound()
    if (url.pathname === '/' || url.pathname === '/index.html') return page(root)
    return file(root, url.pathname)
  }
}

async function page(root: string): Promise<Response> {
  const nonce = randomBytes(16).toString('base64')
  const html = await readFile(join(root, 'index.html'), 'utf8')
  return new Response(renderPage(html, { nonce, carrier: 'port' }), {
    headers: headers('index.html', contentSecurityPolicy({ nonce, connect: [] })),
  })
}

async function file(root: string, pathname: string): Promise<Response> {
  const path = pathBelow(root, pathname)
  const bytes = path === undefined ? undefined : await readFile(path).catch(() => undefined)
  if (path === undefined || bytes === undefined) return notFound()
  return new Response(new Uint8Array(bytes), { headers: headers(path, "default-src 'none'") })
}

function headers(path: string, policy: string): Record<string, string> {
  return {
    'content-type': mediaTypeOf(path),
    'content-security-policy': policy,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
  }
}

async function takeInFrom(request: GlobalRequest, url: URL, app: Taker): Promise<Response> {
  const origin = request.headers.get('origin')
  if (origin !== null && origin !== pageOrigin) return notFound()
  const bytes = request.body ?? emptyBody()
  const { status, body } = await takeIn(app.intake, url.searchParams, bytes, request.signal, app.log)
  return Response.json(body, { status })
}

async function* emptyBody(): AsyncGenerator<Uint8Array> {}

function notFound(): Response {
  return new Response(null, { status: 404 })
}
