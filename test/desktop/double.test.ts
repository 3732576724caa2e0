import { expect, test } from 'vitest'
import { ElectronDouble } from '../fakes/electron/double.ts'

const double = new ElectronDouble({ userData: '/nowhere' })

test('the double throws on what it does not have, so that nothing is used untested', () => {
  const { app, ipcMain, BrowserWindow } = double.module
  expect(() => Reflect.get(app, 'getVersion')).toThrow('the double has no app.getVersion')
  expect(() => app.on('gpu-process-crashed', () => undefined)).toThrow('has no event gpu-process-crashed')
  expect(() => ipcMain.on('chartroom:other', () => undefined)).toThrow('has no event chartroom:other')
  expect(() => Reflect.set(app, 'name', 'x')).toThrow('cannot be set')
  expect(() => app.getPath('home')).toThrow('has no path home')
  expect(() => Reflect.construct(BrowserWindow, [{}])).toThrow('before the app is ready')
})

test('the double refuses what Electron refuses before and after it is ready', async () => {
  const { protocol, screen, safeStorage } = double.module
  expect(() => protocol.handle('app', async () => new Response())).toThrow('before the app is ready')
  expect(() => screen.getAllDisplays()).toThrow('before the app is ready')
  await expect(safeStorage.isAsyncEncryptionAvailable()).rejects.toThrow('before the app is ready')
  double.becomeReady()
  expect(() => protocol.registerSchemesAsPrivileged([])).toThrow('before the app is ready')
})
