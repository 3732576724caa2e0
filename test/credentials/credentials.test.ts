import { afterEach, beforeEach, expect, test } from 'vitest'
import { credentialIn, resolveCredential } from '../../electron/credentials/credentials.ts'
import { createMachine } from '../../electron/credentials/machine.ts'
import { memoryVault } from '../fakes/memory-vault.ts'
import { authOf, type Home, makeHome } from './home.ts'

const url = 'https://registry.invalid:5000'
const host = 'registry.invalid:5000'

let home: Home

beforeEach(async () => {
  home = await makeHome()
})
afterEach(() => home.remove())

const from = (more: Partial<Parameters<typeof resolveCredential>[0]>) => {
  const draft = { source: 'password' as const, username: 'ann' }
  const machine = createMachine({
    env: {},
    home: home.path,
    platform: 'linux',
    uid: undefined,
    clock: { now: () => 0 },
  })
  return resolveCredential({ url, draft, vault: memoryVault(), machine, ...more })
}
const here = { source: 'docker-config' } as const

test('a draft brings its password, or takes the one that is kept', async () => {
  const vault = memoryVault()
  await vault.set('registry:1', 'kept')
  const draft = { source: 'password' as const, username: 'ann', password: 'given' }
  expect((await from({ vault, vaultKey: 'registry:1', draft })).credential).toMatchObject({
    password: 'given',
  })
  expect((await from({ vault, vaultKey: 'registry:1' })).credential).toMatchObject({
    username: 'ann',
    password: 'kept',
  })
  expect(await from({ vault })).toEqual({
    credential: undefined,
    considered: [
      { source: 'password', place: '', outcome: 'no-entry' },
      { source: 'anonymous', place: '', outcome: 'used' },
    ],
  })
})

test('what was chosen comes first, and what the machine knows is told beside it', async () => {
  await home.write('.docker/config.json', { auths: { [host]: { auth: authOf('ann', 'secret') } } })
  const draft = { source: 'anonymous' } as const
  const { credential, considered } = await from({ draft, peek: true })
  expect(credential).toBeUndefined()
  expect(considered.slice(0, 2)).toEqual([
    { source: 'anonymous', place: '', outcome: 'used' },
    { source: 'docker', place: '~/.docker/config.json', outcome: 'overruled' },
  ])
  expect((await from({ draft })).considered).toHaveLength(1)
  expect((await from({ draft: here })).credential).toMatchObject({ source: 'docker', username: 'ann' })
})

test('nobody is anonymous because a file is broken', async () => {
  const none = await from({ draft: here })
  expect(none.considered.at(-1)).toEqual({ source: 'anonymous', place: '', outcome: 'used' })
  expect(credentialIn(none)).toBeUndefined()
  await home.write('.config/containers/auth.json', '{')
  const broken = await from({ draft: here })
  expect(() => credentialIn(broken)).toThrow('it is no JSON')
})

test('the secret is not among what was considered', async () => {
  await home.write('.docker/config.json', { auths: { [host]: { auth: authOf('ann', 'hush') } } })
  const { credential, considered } = await from({ draft: here, peek: true })
  expect(credential).toMatchObject({ password: 'hush' })
  expect(JSON.stringify(considered)).not.toMatch(/hush|ann/)
})
