import { type BrowserWindowConstructorOptions, BrowserWindow, screen } from 'electron'
import type { Log } from '../log.ts'
import { pageOrigin } from './origin.ts'
import { reachableBounds, type WindowStateStore } from './window-state.ts'

/** Every switch that matters for safety is written out, so that no change of a default can turn one. */
export function windowOptions(preload: string): BrowserWindowConstructorOptions {
  return {
    title: 'Chartroom',
    width: 1280,
    height: 800,
    minWidth: 900,
    minHeight: 600,
    show: false,
    webPreferences: {
      preload,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      experimentalFeatures: false,
      webviewTag: false,
      navigateOnDragDrop: false,
      // Chromium fetches its dictionaries from a server of its own
      spellcheck: false,
    },
  }
}

/** The app's one window. */
export interface OnlyWindow {
  /** Opens it, or brings the one that is open to the front. */
  show(): Promise<void>
  /** Stores where it is, for the last time: the app is about to end. */
  leave(): Promise<void>
}

/**
 * Opens the window where it was last time, shows it once it has drawn, and keeps its place when it closes.
 *
 * @param preload path of the preload bundle
 * @param opened told of each new window, before its page loads
 */
export function createOnlyWindow(
  preload: string,
  places: WindowStateStore,
  log: Log,
  opened: (window: BrowserWindow) => void,
): OnlyWindow {
  let current: Promise<BrowserWindow> | undefined
  let drawn = false
  let leaving = false
  const open = async (): Promise<BrowserWindow> => {
    const { bounds, maximized } = await places.read()
    const workAreas = screen.getAllDisplays().map((display) => display.workArea)
    const window = new BrowserWindow({ ...windowOptions(preload), ...reachableBounds(bounds, workAreas) })
    drawn = false
    window.once('ready-to-show', () => {
      drawn = true
      if (maximized) window.maximize()
      window.show()
    })
    window.on('close', () => {
      if (!leaving) void places.keep(window)
    })
    window.once('closed', () => (current = undefined))
    opened(window)
    // a window that is closed while it loads rejects too, which is no reason to end the app
    window
      .loadURL(`${pageOrigin}/`)
      .catch((error: unknown) => log.warn({ err: error }, 'the page did not load'))
    return window
  }
  return {
    show: async () => {
      if (current === undefined) {
        current = open()
        await current
        return
      }
      const window = await current
      // one that has not drawn yet comes to the front by itself when it has
      if (drawn) raise(window)
    },
    leave: async () => {
      // the process ends right after the window closes: a write begun then would be cut
      leaving = true
      if (current !== undefined) await places.keep(await current)
      // reading waits for what a window that has just closed is still writing
      else await places.read()
    },
  }
}

function raise(window: BrowserWindow): void {
  if (window.isMinimized()) window.restore()
  window.show()
  window.focus()
}
