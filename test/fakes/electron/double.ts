import type { MessagePort } from 'node:worker_threads'
import { mainPort } from './ports.ts'
import { Emitter, strict } from './strict.ts'
import { type Bounds, type Frame, WindowDouble, type WindowOptions } from './window.ts'

export interface DoubleOptions {
  userData: string
  /** False where another instance holds the lock. */
  lock?: boolean
  locale?: string
  displays?: Bounds[]
  /** What safeStorage can do: seal with a key (the default), nothing, or refuse to open what it sealed. */
  sealing?: 'works' | 'absent' | 'lost-key' | 'rotated'
  backend?: 'basic_text' | 'gnome_libsecret' | 'kwallet6' | 'unknown'
  /** False where the system has no browser. */
  browser?: boolean
  /** The button of the dialog the user presses, by its place. */
  pressed?: number
}

type Handler = (request: Request) => Promise<Response>
type PermissionRequest = (
  contents: unknown,
  permission: string,
  answer: (granted: boolean) => void,
  details: { requestingUrl: string },
) => void
type PermissionCheck = (contents: unknown, permission: string, origin: string) => boolean
type DevicePermission = (details: unknown) => boolean
interface MessageBox {
  message: string
  buttons?: string[]
}
interface MenuItem {
  role?: string
  label?: string
  submenu?: MenuItem[]
}

/**
 * Electron's main process as far as Chartroom uses it: what is used is here and behaves as Electron's docs say
 * (including what may not be called before the app is ready), and what is not here throws.
 */
export class ElectronDouble {
  /** Every call whose order matters, as it came. */
  readonly calls: string[] = []
  readonly windows: WindowDouble[] = []
  readonly openedOutside: string[] = []
  readonly dialogs: MessageBox[] = []
  readonly errorBoxes: string[] = []
  readonly app = new Emitter('app', [
    'web-contents-created',
    'open-file',
    'second-instance',
    'before-quit',
    'window-all-closed',
    'activate',
  ])
  /** Resolves to the exit code once the app has ended. */
  readonly exited = Promise.withResolvers<number>()
  pressed: number
  menu: MenuItem[] = []
  schemes: unknown[] = []
  lockData: unknown
  ended = false
  readonly #options: DoubleOptions
  readonly #ready = Promise.withResolvers<void>()
  readonly #ipc = new Emitter('ipcMain', ['chartroom:connect'])
  readonly #session = new Emitter('session', ['will-download'])
  #isReady = false
  #quitting = false
  #userData: string
  #handler: Handler | undefined
  #permissionRequest: PermissionRequest | undefined
  #permissionCheck: PermissionCheck | undefined
  #devicePermission: DevicePermission | undefined

  constructor(options: DoubleOptions) {
    this.#options = options
    this.#userData = options.userData
    this.pressed = options.pressed ?? 0
  }

  /** What `import … from 'electron'` gives the main process. */
  readonly module = {
    app: strict('app', {
      on: this.app.on,
      requestSingleInstanceLock: (data: unknown) => {
        this.calls.push('lock')
        this.lockData = data
        return this.#options.lock ?? true
      },
      enableSandbox: () => {
        if (this.#isReady) throw new Error('the sandbox has to be enabled before the app is ready')
        this.calls.push('sandbox')
      },
      whenReady: () => this.#ready.promise,
      getPath: (name: string) => {
        if (name !== 'userData') throw new Error(`the double has no path ${name}`)
        return this.#userData
      },
      setPath: (_name: string, path: string) => {
        this.calls.push('profile')
        this.#userData = path
      },
      getLocale: () => this.#options.locale ?? 'en-GB',
      quit: () => this.quit(),
      exit: (code: number) => this.#end(code),
    }),
    protocol: strict('protocol', {
      registerSchemesAsPrivileged: (schemes: unknown[]) => {
        if (this.#isReady) throw new Error('schemes have to be registered before the app is ready')
        this.calls.push('privileges')
        this.schemes = schemes
      },
      handle: (scheme: string, handler: Handler) => {
        this.#needReady('protocol.handle')
        this.calls.push(`handle ${scheme}`)
        this.#handler = handler
      },
    }),
    ipcMain: strict('ipcMain', {
      on: (channel: string, listener: (...parts: never[]) => unknown) => {
        this.calls.push('ipc')
        this.#ipc.on(channel, listener)
      },
    }),
    session: strict('session', {
      defaultSession: strict('defaultSession', {
        on: this.#session.on,
        setPermissionRequestHandler: (handler: PermissionRequest) => {
          this.#needReady('session')
          this.calls.push('permissions')
          this.#permissionRequest = handler
        },
        setPermissionCheckHandler: (handler: PermissionCheck) => {
          this.#permissionCheck = handler
        },
        setDevicePermissionHandler: (handler: DevicePermission) => {
          this.#devicePermission = handler
        },
      }),
    }),
    safeStorage: strict('safeStorage', {
      isAsyncEncryptionAvailable: async () => {
        this.#needReady('safeStorage')
        this.calls.push('vault')
        return this.#options.sealing !== 'absent'
      },
      getSelectedStorageBackend: () => this.#options.backend ?? 'gnome_libsecret',
      encryptStringAsync: async (text: string) => Buffer.from(Buffer.from(`sealed:${text}`).map(flip)),
      decryptStringAsync: async (sealed: Buffer) => {
        if (this.#options.sealing === 'lost-key') throw new Error('Error while decrypting the ciphertext')
        const result = Buffer.from(sealed.map(flip))
          .toString('utf8')
          .replace(/^sealed:/, '')
        return { result, shouldReEncrypt: this.#options.sealing === 'rotated' }
      },
    }),
    screen: strict('screen', {
      getAllDisplays: () => {
        this.#needReady('screen')
        const displays = this.#options.displays ?? [{ x: 0, y: 0, width: 1920, height: 1080 }]
        return displays.map((workArea) => ({ workArea }))
      },
    }),
    Menu: strict('Menu', {
      buildFromTemplate: (template: MenuItem[]) => template,
      setApplicationMenu: (template: MenuItem[]) => {
        this.calls.push('menu')
        this.menu = template
      },
    }),
    dialog: strict('dialog', {
      showMessageBox: async (...parts: [MessageBox] | [object, MessageBox]) => {
        const options = parts.length === 1 ? parts[0] : parts[1]
        this.dialogs.push(options)
        return { response: this.pressed }
      },
      showErrorBox: (title: string, text: string) => void this.errorBoxes.push(`${title}: ${text}`),
    }),
    shell: strict('shell', {
      openExternal: async (url: string) => {
        if (this.#options.browser === false) throw new Error('no application is registered for it')
        this.openedOutside.push(url)
      },
    }),
    BrowserWindow: this.#windowClass(),
  }

  /** Electron has started up. */
  becomeReady(): void {
    this.#isReady = true
    this.calls.push('ready')
    this.#ready.resolve()
  }

  /** What Cmd+Q, the menu and `app.quit()` do. */
  quit(): void {
    if (this.ended || this.#quitting) return
    if (this.app.emitPreventable('before-quit')) return
    this.#quitting = true
    const allClosed = this.windows.every((window) => window.close())
    this.#quitting = false
    if (allClosed) this.#end(0)
  }

  /** A message of a renderer with ports, as `ipcRenderer.postMessage` sends it. */
  receive(window: WindowDouble, frame: Frame | null, ports: MessagePort[]): void {
    this.#ipc.emit('chartroom:connect', {
      sender: window.contents.facade,
      senderFrame: frame,
      ports: ports.map(mainPort),
    })
  }

  /** What a fetch of the page reaches; rejects as long as no scheme is handled. */
  async request(url: string, init?: RequestInit): Promise<Response> {
    if (this.#handler === undefined) throw new Error('ERR_UNKNOWN_URL_SCHEME')
    return this.#handler(new Request(url, init))
  }

  /** Whether a permission is granted on request, and on a mere check; Electron's default is to grant both. */
  permission(permission: string, origin: string): { requested: boolean; checked: boolean; device: boolean } {
    let requested = this.#permissionRequest === undefined
    this.#permissionRequest?.(null, permission, (granted) => (requested = granted), {
      requestingUrl: `${origin}/`,
    })
    const checked = this.#permissionCheck?.(null, permission, `${origin}/`) ?? true
    return { requested, checked, device: this.#devicePermission?.({}) ?? true }
  }

  /** Whether a download of `url` starts. */
  downloads(url: string): boolean {
    return !this.#session.emitPreventable('will-download', { getURL: () => url })
  }

  #windowClass(): (options: WindowOptions) => object {
    const open = (options: WindowOptions): WindowDouble => {
      this.#needReady('BrowserWindow')
      this.calls.push('window')
      return new WindowDouble(options, {
        created: (window) => {
          this.windows.push(window)
          this.app.emit('web-contents-created', {}, window.contents.facade)
        },
        load: (url) => this.request(url),
        closed: () => {
          if (!this.#quitting && this.windows.every((window) => window.destroyed))
            this.app.emit('window-all-closed')
        },
      })
    }
    // a function, because `new` of one may return another object
    return function construct(options: WindowOptions) {
      return open(options).facade
    }
  }

  #needReady(what: string): void {
    if (!this.#isReady) throw new Error(`${what} cannot be used before the app is ready`)
  }

  #end(code: number): void {
    this.ended = true
    this.exited.resolve(code)
  }
}

/** Not a cipher: makes a secret unrecognisable, so that a test can tell that it was given away to be sealed. */
function flip(byte: number): number {
  return byte ^ 0x5a
}
