/** How the page reaches the main process. */
export type PageCarrier = 'port' | 'socket'

/** Fills in what a page has to know before its first line of script runs. */
export function renderPage(
  html: string,
  { nonce, carrier }: { nonce: string; carrier: PageCarrier },
): string {
  return html.replaceAll('__NONCE__', nonce).replaceAll('__CARRIER__', carrier)
}

/**
 * The policy of both hosts: the page's own scripts and files, no others, no eval, no frames. Style elements
 * need the nonce, which is fresh for every response. `connect` names sources beside the page's own origin.
 */
export function contentSecurityPolicy({ nonce, connect }: { nonce: string; connect: string[] }): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "font-src 'self'",
    `connect-src ${["'self'", ...connect].join(' ')}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
}
