import type { IpcMain, IpcMainEvent, WebContents } from 'electron'
import type { App } from '../app.ts'
import { portCarrier } from '../wire/carriers.ts'
import { serveRouter } from '../wire/serve-router.ts'
import { pageOrigin } from './origin.ts'

/** The only channel between the preload and the main process; it carries ports and nothing else. */
const connectChannel = 'chartroom:connect'

/**
 * Answers the preload's handshake: a port sent by the main frame of our own page gets the router behind it, any
 * other is closed unread. A page has one port at a time. When the page reloads, crashes or is gone its port is
 * closed, which aborts every call that still runs on it.
 */
export function acceptPorts(ipcMain: IpcMain, { router, log }: Pick<App, 'router' | 'log'>): void {
  const hangUps = new WeakMap<WebContents, () => void>()
  const watched = new WeakSet<WebContents>()
  ipcMain.on(connectChannel, (event) => {
    const [port] = event.ports
    if (port === undefined || event.ports.length !== 1 || !isOwnPage(event)) {
      for (const refused of event.ports) refused.close()
      log.warn('a port from elsewhere than the main frame of the page was refused')
      return
    }
    const contents = event.sender
    const hangUp = (): void => {
      hangUps.get(contents)?.()
      hangUps.delete(contents)
    }
    if (!watched.has(contents)) {
      watched.add(contents)
      contents.on('render-process-gone', hangUp)
      contents.on('destroyed', hangUp)
      contents.on('did-start-navigation', (details) => {
        if (details.isMainFrame && !details.isSameDocument) hangUp()
      })
    }
    hangUp()
    const carrier = portCarrier(port)
    hangUps.set(contents, carrier.close)
    serveRouter(router, carrier, log)
  })
}

function isOwnPage(event: IpcMainEvent): boolean {
  const frame = event.senderFrame
  return frame !== null && frame.parent === null && frame.origin === pageOrigin
}
