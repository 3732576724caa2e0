import { RPCLink as PortLink } from '@orpc/client/message-port'
import { RPCLink as SocketLink } from '@orpc/client/websocket'
import type { Carrier } from './connection.ts'

/**
 * The way to the main process that this page was served for. The host writes `port` or `socket` into
 * `<meta name="chartroom-carrier">`; nothing else in the window knows which it is.
 */
export function openCarrierOf(page: Document): () => Promise<Carrier> {
  const kind = page.querySelector('meta[name="chartroom-carrier"]')?.getAttribute('content')
  return kind === 'port' ? openPort : openSocket
}

/** Asks the preload for one end of a MessageChannel; the other end is in the main process. */
async function openPort(): Promise<Carrier> {
  const port = await new Promise<MessagePort>((resolve) => {
    const take = (event: MessageEvent<unknown>): void => {
      const [port] = event.ports
      if (event.source !== window || event.data !== 'chartroom:port' || port === undefined) return
      window.removeEventListener('message', take)
      resolve(port)
    }
    window.addEventListener('message', take)
    window.postMessage('chartroom:connect', window.location.origin)
  })
  const closed = new Promise<void>((resolve) => port.addEventListener('close', () => resolve()))
  const link = new PortLink({ port })
  port.start()
  return { link, closed }
}

/** Exchanges the address's one-use token for a cookie, once, and opens the WebSocket that the cookie allows. */
async function openSocket(): Promise<Carrier> {
  const token = /^#token=(.+)$/.exec(window.location.hash)?.[1]
  if (token !== undefined) {
    window.history.replaceState(null, '', '#/registries')
    // a token that was used up is no end: after a reload the cookie still holds
    await fetch('/session', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token }),
    })
  }
  const scheme = window.location.protocol === 'https:' ? 'wss' : 'ws'
  const socket = new WebSocket(`${scheme}://${window.location.host}/wire`)
  const closed = new Promise<void>((resolve) => socket.addEventListener('close', () => resolve()))
  await new Promise<void>((resolve, reject) => {
    socket.addEventListener('open', () => resolve())
    socket.addEventListener('error', () => reject(new Error('The socket could not be opened.')))
  })
  return { link: new SocketLink({ websocket: socket }), closed }
}
