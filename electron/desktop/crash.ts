import type { BrowserWindow, Dialog } from 'electron'
import type { Log } from '../log.ts'
import type { Words } from './words.ts'

/**
 * Offers to load the page again after its process crashed or was killed: without that the window stays empty. Asks
 * instead of reloading by itself, so that a page that crashes as it loads does not do so for ever.
 */
export function offerReload(window: BrowserWindow, dialog: Dialog, words: Words['crash'], log: Log): void {
  window.webContents.on('render-process-gone', (_event, { reason, exitCode }) => {
    if (reason === 'clean-exit') return
    log.error({ reason, exitCode }, 'the process of the page is gone')
    const asked = dialog.showMessageBox(window, {
      type: 'error',
      message: words.message,
      detail: words.detail,
      buttons: [words.reload, words.close],
      defaultId: 0,
      cancelId: 1,
      noLink: true,
    })
    asked
      .then(({ response }) => (response === 0 ? window.webContents.reload() : window.close()))
      .catch((error: unknown) => log.error({ err: error }, 'the page was not loaded again'))
  })
}
