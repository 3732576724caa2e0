import { join } from 'node:path'
import { createRouterClient } from '@orpc/server'
import { app, dialog, ipcMain, Menu, protocol, safeStorage, session, shell } from 'electron'
import { createApp } from './app.ts'
import { offerReload } from './desktop/crash.ts'
import { openExternal } from './desktop/external.ts'
import { gatherFiles } from './desktop/files.ts'
import { guardContents, guardSession } from './desktop/guards.ts'
import { readLaunch } from './desktop/launch.ts'
import { menuTemplate } from './desktop/menu.ts'
import { scheme } from './desktop/origin.ts'
import { acceptPorts } from './desktop/port.ts'
import { guardQuit } from './desktop/quit.ts'
import { createSchemeHandler, privilegedScheme } from './desktop/scheme.ts'
import { openVault } from './desktop/vault.ts'
import { openWindowState } from './desktop/window-state.ts'
import { createOnlyWindow } from './desktop/window.ts'
import { wordsFor } from './desktop/words.ts'

const launch = readLaunch(process.argv, process.cwd())
if (launch.profile !== undefined) app.setPath('userData', launch.profile)

if (app.requestSingleInstanceLock({ files: launch.files })) {
  app.enableSandbox()
  protocol.registerSchemesAsPrivileged([privilegedScheme])
  app.on('web-contents-created', (_event, contents) => guardContents(contents, shell))
  const deliverFiles = gatherFiles(app, launch.files)
  // awaiting this at the top level would never end: Electron is not ready before its entry module is loaded
  app
    .whenReady()
    .then(() => start(deliverFiles))
    .catch((error: unknown) => {
      const { title } = wordsFor('system', app.getLocale()).failed
      dialog.showErrorBox(title, error instanceof Error ? error.message : String(error))
      app.exit(1)
    })
} else {
  app.quit()
}

async function start(deliverFiles: ReturnType<typeof gatherFiles>): Promise<void> {
  const directory = app.getPath('userData')
  const chartroom = await createApp({
    directory,
    clock: { now: Date.now },
    vault: await openVault(directory, safeStorage, process.platform),
    host: { opensFiles: true, openExternal: (url) => openExternal(shell, url) },
    env: process.env,
  })
  protocol.handle(scheme, createSchemeHandler(join(import.meta.dirname, '../renderer'), chartroom))
  guardSession(session.defaultSession)
  acceptPorts(ipcMain, chartroom)
  if (launch.demo) await chartroom.startDemo()

  const { language } = await createRouterClient(chartroom.router).settings.get()
  const words = wordsFor(language, app.getLocale())
  Menu.setApplicationMenu(Menu.buildFromTemplate(menuTemplate(words.menu, process.platform)))

  const window = createOnlyWindow(
    join(import.meta.dirname, 'preload.cjs'),
    openWindowState(directory),
    chartroom.log,
    (opened) => {
      askBeforeClosing(opened)
      offerReload(opened, dialog, words.crash, chartroom.log)
    },
  )
  const askBeforeClosing = guardQuit(app, dialog, words.quit, chartroom, async () => {
    await window.leave()
    await chartroom.close()
  })
  const show = (): void => void window.show()
  app.on('activate', show)
  app.on('second-instance', show)
  app.on('open-file', show)
  await window.show()
  deliverFiles((paths) => void chartroom.openFiles(paths))
}
