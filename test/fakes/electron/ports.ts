import type { MessagePort } from 'node:worker_threads'
import { Emitter, strict } from './strict.ts'

/** Electron's MessagePortMain over a real port of Node: nothing is delivered before `start`. */
export function mainPort(port: MessagePort) {
  const events = new Emitter('MessagePortMain', ['message', 'close'])
  port.addEventListener('message', (event) =>
    events.emit('message', { data: (event as MessageEvent<unknown>).data, ports: [] }),
  )
  port.addEventListener('close', () => events.emit('close'))
  return strict('MessagePortMain', {
    on: events.on,
    postMessage: (message: unknown) => port.postMessage(message),
    start: () => port.start(),
    close: () => port.close(),
  })
}
