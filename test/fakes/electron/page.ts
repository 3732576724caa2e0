import { readFileSync } from 'node:fs'
import vm from 'node:vm'
import { MessageChannel, type MessagePort } from 'node:worker_threads'
import type { ElectronDouble } from './double.ts'
import { strict } from './strict.ts'
import type { Frame, WindowDouble } from './window.ts'

interface PageMessage {
  source: unknown
  origin: string
  data: unknown
  ports: MessagePort[]
}

/** The page of a window of the double, with the window's own preload bundle run in it as Electron would. */
export class PageDouble {
  readonly #listeners = new Set<(message: PageMessage) => void>()
  readonly #origin: string
  /** The page's global object, as far as the preload uses it. */
  readonly window

  constructor(double: ElectronDouble, opened: WindowDouble, frame: Frame = opened.contents.mainFrame) {
    this.#origin = frame.origin
    this.window = strict('window', {
      location: strict('location', { origin: frame.origin }),
      addEventListener: (type: string, listener: (message: PageMessage) => void) => {
        if (type !== 'message') throw new Error(`the double's window has no event ${type}`)
        this.#listeners.add(listener)
      },
      postMessage: (data: unknown, targetOrigin: string, ports: MessagePort[] = []) => {
        if (targetOrigin === frame.origin) this.deliver(data, this.window, frame.origin, ports)
      },
    })
    const electron = strict('electron in a sandboxed preload', {
      ipcRenderer: strict('ipcRenderer', {
        postMessage: (channel: string, message: unknown, ports: MessagePort[]) => {
          if (channel !== 'chartroom:connect' || message !== null) throw new Error(`sent on ${channel}`)
          double.receive(opened, frame, ports)
        },
      }),
    })
    const requireInPreload = (name: string): unknown => {
      if (name !== 'electron') throw new Error(`a sandboxed preload cannot require ${name}`)
      return electron
    }
    const path = opened.options.webPreferences.preload
    const world = { window: this.window, MessageChannel, require: requireInPreload, module: {}, exports: {} }
    vm.runInNewContext(readFileSync(path, 'utf8'), world, { filename: path })
  }

  /** Posts to the page's own window, as any script or frame of it can. */
  deliver(data: unknown, source: unknown, origin: string, ports: MessagePort[] = []): void {
    queueMicrotask(() => {
      for (const listener of this.#listeners) listener({ source, origin, data, ports })
    })
  }

  /** The page's half of the handshake. Resolves to its end of the channel, not yet started. */
  connect(): Promise<MessagePort> {
    return new Promise((resolve) => {
      const take = ({ source, data, ports: [port] }: PageMessage): void => {
        if (source !== this.window || data !== 'chartroom:port' || port === undefined) return
        this.#listeners.delete(take)
        resolve(port)
      }
      this.#listeners.add(take)
      this.window.postMessage('chartroom:connect', this.#origin)
    })
  }
}
