import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { openVault } from '../../electron/desktop/vault.ts'
import { type DoubleOptions, ElectronDouble } from '../fakes/electron/double.ts'
import { buildApp, openClient, startDesktop } from './desktop.ts'

let profile: string
beforeAll(buildApp)
beforeEach(async () => {
  profile = await mkdtemp(join(tmpdir(), 'chartroom-vault-'))
})
afterEach(() => rm(profile, { recursive: true, force: true }))

type Kind = Pick<DoubleOptions, 'sealing' | 'backend'>

function vaultOf(kind: Kind, platform: NodeJS.Platform = 'linux') {
  const double = new ElectronDouble({ userData: profile, ...kind })
  double.becomeReady()
  return openVault(profile, double.module.safeStorage, platform)
}

const stored = (): Promise<string> => readFile(join(profile, 'secrets.json'), 'utf8')

test.each([
  ['linux', { backend: 'gnome_libsecret' }, 'os'],
  ['linux', { backend: 'kwallet6' }, 'os'],
  ['linux', { backend: 'basic_text' }, 'plain'],
  ['linux', { backend: 'unknown' }, 'plain'],
  ['linux', { backend: 'gnome_libsecret', sealing: 'absent' }, 'memory'],
  ['darwin', { backend: 'basic_text' }, 'os'],
  ['darwin', { sealing: 'absent' }, 'memory'],
  ['win32', {}, 'os'],
] as const)('on %s with %j the vault is %s', async (platform, kind, expected) => {
  expect((await vaultOf(kind, platform)).kind).toBe(expected)
})

test.each([{}, { backend: 'basic_text' }, { sealing: 'absent' }] as const)(
  'keeps, replaces and removes secrets with %j',
  async (kind) => {
    const vault = await vaultOf(kind)
    await vault.set('one', 'Tide & 潮')
    await vault.set('two', 'b')
    await vault.set('two', 'c')
    expect([await vault.get('one'), await vault.get('two')]).toEqual(['Tide & 潮', 'c'])
    await vault.remove('one')
    expect([await vault.get('one'), await vault.get('two')]).toEqual([undefined, 'c'])
    expect(await vault.get('toString')).toBeUndefined()
  },
)

test('what the system seals is not in the file, which only its owner reads', async () => {
  const vault = await vaultOf({})
  await vault.set('registry', 'ebb-and-flow')
  expect(await stored()).not.toContain('ebb-and-flow')
  if (process.platform !== 'win32') {
    expect((await stat(join(profile, 'secrets.json'))).mode & 0o777).toBe(0o600)
  }
  expect(await (await vaultOf({})).get('registry')).toBe('ebb-and-flow')
})

test('without a vault nothing is written', async () => {
  const vault = await vaultOf({ sealing: 'absent' })
  await vault.set('registry', 'ebb-and-flow')
  expect(await readdir(profile)).toEqual([])
})

test('a secret from before there was a vault is sealed when it is read', async () => {
  await (await vaultOf({ backend: 'basic_text' })).set('registry', 'ebb-and-flow')
  expect(await stored()).toContain('ebb-and-flow')
  expect(await (await vaultOf({})).get('registry')).toBe('ebb-and-flow')
  expect(await stored()).not.toContain('ebb-and-flow')
  expect(await (await vaultOf({})).get('registry')).toBe('ebb-and-flow')
})

test('a secret that no longer opens reads as none and stays as it is', async () => {
  await (await vaultOf({})).set('registry', 'ebb-and-flow')
  const before = await stored()
  expect(await (await vaultOf({ sealing: 'lost-key' })).get('registry')).toBeUndefined()
  expect(await stored()).toBe(before)
})

test('a secret under a key that was rotated is still read', async () => {
  await (await vaultOf({})).set('registry', 'ebb-and-flow')
  expect(await (await vaultOf({ sealing: 'rotated' })).get('registry')).toBe('ebb-and-flow')
})

// only Linux has systems without a key store
test.each([
  [{}, 'os'],
  [{ backend: 'basic_text' }, process.platform === 'linux' ? 'plain' : 'os'],
  [{ sealing: 'absent' }, 'memory'],
] as const)('the window is told honestly where secrets rest: %j', async (kind, expected) => {
  const desktop = await startDesktop(kind)
  const { client } = await openClient(desktop)
  expect((await client.host.capabilities()).secrets).toBe(expected)
  await desktop.stop()
})

test('a password goes in through the contract, sealed, and does not come out', async () => {
  const desktop = await startDesktop()
  const { client } = await openClient(desktop)
  const credential = { source: 'password' as const, username: 'pilot', password: 'ebb-and-flow' }
  const entry = await client.registries.add({ name: 'Quay', url: 'http://127.0.0.1:5', credential })
  expect(entry.credential).toEqual({ source: 'password', username: 'pilot', hasSecret: true })
  expect(JSON.stringify(await client.registries.list())).not.toContain('ebb-and-flow')
  for (const file of await readdir(desktop.profile, { recursive: true, withFileTypes: true })) {
    if (file.isFile())
      expect(await readFile(join(file.parentPath, file.name), 'utf8')).not.toContain('ebb-and-flow')
  }
  await desktop.stop()
})
