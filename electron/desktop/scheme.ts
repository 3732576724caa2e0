import { readFile } from 'node:fs/promises'
import { extname, join, resolve, sep } from 'node:path'
import { randomBytes } from 'node:crypto'
import type { CustomScheme } from 'electron'
import type { App } from '../app.ts'
import { contentSecurityPolicy, renderPage } from '../page.ts'
import { FailureError, type Failure } from '../../shared/model/failure.ts'
import { localFailure } from '../../shared/model/local-failure.ts'
import { pageHost, pageOrigin, scheme } from './origin.ts'

/** Has to be registered before the app is ready: gives the page a real, secure origin and a working fetch. */
export const privilegedScheme: CustomScheme = {
  scheme,
  privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true },
}

const mediaTypes: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
}

/**
 * Answers every request to `app://chartroom/`: the page with a fresh nonce, the files below `root`, and
 * `POST /intake?name=…`, whose body goes to `intake` as it arrives. Anything else is 404.
 */
export function createSchemeHandler(
  root: string,
  intake: App['intake'],
): (request: GlobalRequest) => Promise<GlobalResponse> {
  return async (request) => {
    const url = new URL(request.url)
    if (url.host !== pageHost) return notFound()
    if (request.method === 'POST' && url.pathname === '/intake') return takeIn(request, url, intake)
    if (request.method !== 'GET') return notFound()
    if (url.pathname === '/' || url.pathname === '/index.html') return page(root)
    return file(root, url.pathname)
  }
}

async function page(root: string): Promise<Response> {
  const nonce = randomBytes(16).toString('base64')
  const html = await readFile(join(root, 'index.html'), 'utf8')
  return new Response(renderPage(html, { nonce, carrier: 'port' }), {
    headers: headers('.html', contentSecurityPolicy({ nonce, connect: [] })),
  })
}

async function file(root: string, pathname: string): Promise<Response> {
  const path = pathBelow(root, pathname)
  const bytes = path === undefined ? undefined : await readFile(path).catch(() => undefined)
  if (path === undefined || bytes === undefined) return notFound()
  return new Response(new Uint8Array(bytes), { headers: headers(extname(path), "default-src 'none'") })
}

function headers(extension: string, policy: string): Record<string, string> {
  return {
    'content-type': mediaTypes[extension] ?? 'application/octet-stream',
    'content-security-policy': policy,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
  }
}

/** The file `pathname` names below `root`, or undefined where it names none or leaves the folder. */
function pathBelow(root: string, pathname: string): string | undefined {
  let decoded: string
  try {
    decoded = decodeURIComponent(pathname)
  } catch {
    return undefined
  }
  if (/[\0\\]/.test(decoded)) return undefined
  const path = resolve(root, `.${decoded}`)
  return path.startsWith(resolve(root) + sep) ? path : undefined
}

async function takeIn(request: GlobalRequest, url: URL, intake: App['intake']): Promise<Response> {
  const origin = request.headers.get('origin')
  if (origin !== null && origin !== pageOrigin) return notFound()
  const name = url.searchParams.get('name')
  if (name === null || name === '' || name.length > 255 || request.body === null)
    return refused(
      localFailure('input-invalid', 'input', 'A file is taken in by its name and its bytes.'),
      400,
    )
  try {
    return Response.json({ ticket: await intake.accept(name, request.body, request.signal) })
  } catch (error) {
    if (!(error instanceof FailureError))
      return refused(
        localFailure('internal', 'input', 'The file could not be taken in.', { next: ['report-bug'] }),
        500,
      )
    return refused(error.failure, error.failure.kind === 'file-too-large' ? 413 : 422)
  }
}

function refused(failure: Failure, status: number): Response {
  return Response.json({ failure }, { status })
}

function notFound(): Response {
  return new Response(null, { status: 404 })
}
