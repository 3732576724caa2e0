import type { WebSocket } from 'ws'

/** Characters a call may have: five thousand agent addresses fit, a flood does not. */
export const maxMessageLength = 4 * 1024 * 1024

/** Bytes that may wait for a reader that does not read. */
const maxWaiting = 64 * 1024 * 1024

/** A two-way stream of text messages: all that serving calls needs to know of a port or a socket. */
export interface Carrier {
  send(message: string): void
  onMessage(take: (message: unknown) => void): void
  /** Called when either side closed. */
  onClose(closed: () => void): void
  close(): void
}

/** The members of Electron's MessagePortMain that are used. */
export interface MainPort {
  postMessage(message: unknown): void
  start(): void
  close(): void
  on(event: 'message', listener: (event: { data: unknown }) => void): unknown
  on(event: 'close', listener: () => void): unknown
}

/** A carrier over the main process' end of a message channel. */
export function portCarrier(port: MainPort): Carrier {
  const closers: (() => void)[] = []
  return {
    send: (message) => port.postMessage(message),
    onMessage: (take) => {
      port.on('message', (event) => take(event.data))
      port.start()
    },
    onClose: (closed) => {
      closers.push(closed)
      port.on('close', closed)
    },
    close: () => {
      port.close()
      // a port tells only its other end
      for (const closed of closers) closed()
    },
  }
}

/** A carrier over an accepted WebSocket; one whose reader stopped reading is cut before memory fills up. */
export function socketCarrier(socket: WebSocket): Carrier {
  return {
    send: (message) => {
      if (socket.bufferedAmount > maxWaiting) socket.terminate()
      else socket.send(message)
    },
    onMessage: (take) => {
      socket.on('message', (data, isBinary) => take(isBinary ? undefined : data.toString()))
    },
    onClose: (closed) => {
      // a frame that is too long or broken is reported here and followed by a close
      socket.on('error', () => socket.terminate())
      socket.on('close', closed)
    },
    close: () => socket.close(),
  }
}
