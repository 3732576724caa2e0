import type { Session, Shell, WebContents } from 'electron'
import { openExternal } from './external.ts'
import { pageOrigin } from './origin.ts'

/**
 * Shuts every way out of the page that a web page normally has: navigation, redirects, windows, webviews.
 * An https link that asks for a new window goes to the system's browser instead.
 */
export function guardContents(contents: WebContents, shell: Shell): void {
  contents.on('will-navigate', (event) => event.preventDefault())
  contents.on('will-frame-navigate', (event) => event.preventDefault())
  contents.on('will-redirect', (event) => event.preventDefault())
  contents.on('will-attach-webview', (event) => event.preventDefault())
  contents.setWindowOpenHandler(({ url }) => {
    // what is no https link is refused, and a page that asks for one needs no answer
    openExternal(shell, url).catch(() => undefined)
    return { action: 'deny' }
  })
}

/**
 * Denies every permission but one: writing text to the clipboard, without which no Copy button works. Denies
 * devices, and downloads that are not made by the page itself (a HAR or a log is saved from a blob).
 */
export function guardSession(session: Session): void {
  const allows = (permission: string, origin: string): boolean =>
    permission === 'clipboard-sanitized-write' && origin === pageOrigin
  session.setPermissionRequestHandler((_contents, permission, answer, details) =>
    answer(allows(permission, originOf(details.requestingUrl))),
  )
  session.setPermissionCheckHandler((_contents, permission, origin) => allows(permission, originOf(origin)))
  session.setDevicePermissionHandler(() => false)
  session.on('will-download', (event, item) => {
    if (!item.getURL().startsWith(`blob:${pageOrigin}/`)) event.preventDefault()
  })
}

/** `URL.origin` is "null" for a scheme of our own, so the origin is put together. Electron ends one with a slash. */
function originOf(address: string): string {
  if (!URL.canParse(address)) return ''
  const url = new URL(address)
  return `${url.protocol}//${url.host}`
}
