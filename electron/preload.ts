import { ipcRenderer } from 'electron'
import type { MessagePort } from 'node:worker_threads'

/** The part of the page's window this script uses; the main process's project knows no DOM. */
declare const window: {
  readonly location: { readonly origin: string }
  addEventListener(
    type: 'message',
    listener: (event: { source: unknown; origin: string; data: unknown }) => void,
  ): void
  postMessage(message: string, targetOrigin: string, transfer: MessagePort[]): void
}

/*
 * When the page asks, makes a channel and hands one end to the main process and the other to the page. What
 * travels on it this script never sees, and it puts nothing into the page.
 */
window.addEventListener('message', (event) => {
  const { origin } = window.location
  if (event.source !== window || event.origin !== origin || event.data !== 'chartroom:connect') return
  const { port1, port2 } = new MessageChannel()
  ipcRenderer.postMessage('chartroom:connect', null, [port1])
  window.postMessage('chartroom:port', origin, [port2])
})
