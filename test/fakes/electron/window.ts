import { Emitter, strict } from './strict.ts'

export interface Bounds {
  x: number
  y: number
  width: number
  height: number
}

/** A frame as the main process sees it. */
export interface Frame {
  readonly origin: string
  readonly parent: Frame | null
}

/** What the app gave `new BrowserWindow`, as far as tests ask. */
export interface WindowOptions extends Partial<Bounds> {
  show: boolean
  webPreferences: Record<string, unknown> & { preload: string }
}

type OpenHandler = (details: { url: string }) => { action: string }

/** The double of a webContents, seen from the test. */
export class ContentsDouble {
  readonly events = new Emitter('webContents', [
    'will-navigate',
    'will-frame-navigate',
    'will-redirect',
    'will-attach-webview',
    'did-start-navigation',
    'render-process-gone',
    'destroyed',
  ])
  readonly mainFrame: Frame = { origin: 'app://chartroom', parent: null }
  reloads = 0
  #openHandler: OpenHandler | undefined
  /** What the app sees. */
  readonly facade = strict('webContents', {
    on: this.events.on,
    reload: () => void (this.reloads += 1),
    setWindowOpenHandler: (handler: OpenHandler) => void (this.#openHandler = handler),
  })

  /** What happens when the page calls `window.open`; a window without a handler would open. */
  windowOpen(url: string): string {
    return this.#openHandler?.({ url }).action ?? 'allow'
  }
}

/** What a window needs of the rest of the double. */
export interface WindowWorld {
  created(window: WindowDouble): void
  load(url: string): Promise<Response>
  closed(window: WindowDouble): void
}

/** The double of a BrowserWindow, seen from the test. */
export class WindowDouble {
  readonly events = new Emitter('BrowserWindow', ['ready-to-show', 'close', 'closed'])
  readonly contents = new ContentsDouble()
  readonly options: WindowOptions
  readonly shown: string[] = []
  /** The answer the page was loaded from. */
  readonly loaded = Promise.withResolvers<Response>()
  bounds: Bounds
  maximized = false
  minimized = false
  destroyed = false
  readonly #world: WindowWorld

  constructor(options: WindowOptions, world: WindowWorld) {
    this.options = options
    this.#world = world
    this.bounds = { x: 10, y: 20, width: 1280, height: 800, ...definedBounds(options) }
    world.created(this)
  }

  /** What the app sees. */
  readonly facade = strict('BrowserWindow', {
    on: (event: string, listener: (...parts: never[]) => unknown) => this.events.on(event, listener),
    once: (event: string, listener: (...parts: never[]) => unknown) => this.events.once(event, listener),
    loadURL: async (url: string) => {
      const loading = this.#world.load(url)
      this.loaded.resolve(loading)
      await loading
      this.events.emit('ready-to-show')
    },
    webContents: this.contents.facade,
    close: () => void this.close(),
    show: () => void this.shown.push('show'),
    focus: () => void this.shown.push('focus'),
    restore: () => {
      this.minimized = false
      this.shown.push('restore')
    },
    maximize: () => {
      this.maximized = true
      this.shown.push('maximize')
    },
    isMinimized: () => this.minimized,
    isMaximized: () => this.maximized,
    getNormalBounds: () => this.bounds,
  })

  /** What the window's close button does; returns whether the window is gone. */
  close(): boolean {
    if (this.destroyed) return true
    if (this.events.emitPreventable('close')) return false
    this.destroyed = true
    this.contents.events.emit('destroyed')
    this.events.emit('closed')
    this.#world.closed(this)
    return true
  }
}

function definedBounds({ x, y, width, height }: WindowOptions): Partial<Bounds> {
  return Object.fromEntries(
    Object.entries({ x, y, width, height }).filter(([, value]) => value !== undefined),
  )
}
