import { extname, resolve, sep } from 'node:path'

const mediaTypes: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
}

/** The media type a page's file is sent with; what is not known is never guessed. */
export function mediaTypeOf(path: string): string {
  return mediaTypes[extname(path)] ?? 'application/octet-stream'
}

/** The file a URL's `pathname` names below `root`, or undefined where it names none or leaves the folder. */
export function pathBelow(root: string, pathname: string): string | undefined {
  let decoded: string
  try {
    decoded = decodeURIComponent(pathname)
  } catch {
    return undefined
  }
  // a backslash separates folders on Windows, a colon names a drive or a stream there
  if (/[\0\\:]/.test(decoded)) return undefined
  const folder = resolve(root)
  const path = resolve(folder, `.${decoded}`)
  return path.startsWith(folder + sep) ? path : undefined
}
