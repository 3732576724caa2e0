import type { IncomingMessage } from 'node:http'

/** Why a request is turned away at the door; undefined lets it in. */
export type Refusal = 'foreign-host' | 'foreign-origin' | 'no-origin'

/**
 * Checks a request before anything of it is read. Host must be exactly ours: a name that was rebound to
 * 127.0.0.1 carries its own. Origin must be exactly ours where it is sent, and must be sent by whatever
 * changes something or opens a socket; a plain GET of a page's file has none.
 */
export function refusalOf(request: IncomingMessage, port: number, wantsOrigin: boolean): Refusal | undefined {
  const host = `127.0.0.1:${port}`
  if (request.headers.host !== host) return 'foreign-host'
  const { origin } = request.headers
  if (origin !== undefined && origin !== `http://${host}`) return 'foreign-origin'
  if (origin === undefined && wantsOrigin) return 'no-origin'
  return undefined
}
