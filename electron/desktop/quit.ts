import type { BrowserWindow, MessageBoxOptions } from 'electron'
import type { Words } from './words.ts'

/** The part of Electron's `app` this file needs. */
interface Quitting {
  on(event: 'before-quit', listener: (event: { preventDefault(): void }) => void): unknown
  on(event: 'window-all-closed', listener: () => void): unknown
  quit(): void
}

/** The part of Electron's `dialog` this file needs. */
interface Asking {
  showMessageBox(options: MessageBoxOptions): Promise<{ response: number }>
}

/** Milliseconds a part that does not end in peace may keep the user from quitting. */
const patience = 5000

/**
 * Lets the app quit (with its last window too, except on macOS) only after running uploads were given up by the
 * user and `close` has finished. Returns what makes a window ask the same: with the last window the app quits, and on
 * macOS, where it stays, closing a window hangs up its port, and what was called over it ends.
 *
 * @param jobs how many run, and how many of them end with their window
 * @param close ends everything the app started and writes what is still to be written
 */
export function guardQuit(
  app: Quitting,
  dialog: Asking,
  words: Words['quit'],
  jobs: { running: () => number; runningInWindow: () => number },
  close: () => Promise<void>,
): (window: BrowserWindow) => void {
  let state: 'staying' | 'asking' | 'left' = 'staying'
  const agreed = async (): Promise<boolean> => {
    if (jobs.running() === 0) return true
    const { response } = await dialog.showMessageBox({
      type: 'question',
      message: words.message,
      detail: words.detail,
      buttons: [words.stay, words.leave],
      defaultId: 0,
      cancelId: 0,
      noLink: true,
    })
    return response === 1
  }
  const leave = async (): Promise<void> => {
    if (!(await agreed().catch(() => false))) {
      state = 'staying'
      return
    }
    const enough = new Promise<void>((resolve) => setTimeout(resolve, patience).unref())
    await Promise.race([close().catch(() => undefined), enough])
    state = 'left'
    app.quit()
  }
  app.on('before-quit', (event) => {
    if (state === 'left') return
    event.preventDefault()
    if (state === 'asking') return
    state = 'asking'
    void leave()
  })
  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin') app.quit()
  })
  return (window) =>
    window.on('close', (event) => {
      const ending = process.platform === 'darwin' ? jobs.runningInWindow() : jobs.running()
      if (state === 'left' || ending === 0) return
      event.preventDefault()
      app.quit()
    })
}
