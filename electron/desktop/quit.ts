import type { App as ElectronApp, BrowserWindow, Dialog } from 'electron'
import type { Words } from './words.ts'

/**
 * Lets the app quit only after running uploads were given up by the user and `close` has finished. Returns what
 * makes a window ask the same: closing it would hang up its port, and with the port go its uploads.
 *
 * @param running how many uploads run
 * @param close ends everything the app started and writes what is still to be written
 */
export function guardQuit(
  app: ElectronApp,
  dialog: Dialog,
  words: Words['quit'],
  running: () => number,
  close: () => Promise<void>,
): (window: BrowserWindow) => void {
  let state: 'staying' | 'asking' | 'left' = 'staying'
  const agreed = async (): Promise<boolean> => {
    if (running() === 0) return true
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
    // a part that does not end in peace must not keep the user from quitting
    await close().catch(() => undefined)
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
  return (window) =>
    window.on('close', (event) => {
      if (state === 'left' || running() === 0) return
      event.preventDefault()
      app.quit()
    })
}
