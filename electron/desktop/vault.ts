import { join } from 'node:path'
import type { SafeStorage } from 'electron'
import { z } from 'zod'
import { openDocument } from '../document.ts'
import type { Vault } from '../ports.ts'
import { createMemoryVault } from '../vault-memory.ts'

/** The part of Electron's `safeStorage` this file needs: the asynchronous half, which Electron keeps. */
export type SafeStoragePort = Pick<
  SafeStorage,
  'isAsyncEncryptionAvailable' | 'encryptStringAsync' | 'decryptStringAsync' | 'getSelectedStorageBackend'
>

/** `sealed` is base64 of what safeStorage made; `plain` is the secret itself, where the system has no vault. */
const secretSchema = z.union([z.object({ sealed: z.base64() }), z.object({ plain: z.string() })])
type Secret = z.infer<typeof secretSchema>

/**
 * Opens the vault of a profile: `secrets.json` in `directory`, readable by the user alone.
 *
 * - `os`: every secret is sealed by the system's key store before it is written.
 * - `plain`: Linux without a keyring. safeStorage would seal with a password that is the same on every machine,
 *   which protects nothing, so the text is stored as it is and the user is told.
 * - `memory`: no encryption although the system has a key store (it is locked or refused): nothing is written.
 */
export async function openVault(
  directory: string,
  safeStorage: SafeStoragePort,
  platform: NodeJS.Platform,
): Promise<Vault> {
  const kind = await vaultKind(safeStorage, platform)
  if (kind === 'memory') return createMemoryVault()
  const document = openDocument(join(directory, 'secrets.json'), z.record(z.string(), secretSchema), {})
  const seal = async (text: string): Promise<Secret> =>
    kind === 'plain'
      ? { plain: text }
      : { sealed: (await safeStorage.encryptStringAsync(text)).toString('base64') }
  const set = async (key: string, text: string): Promise<void> => {
    const secret = await seal(text)
    await document.change((secrets) => ({ ...secrets, [key]: secret }))
  }
  return {
    kind,
    set,
    get: async (key) => {
      const secrets = await document.read()
      const secret = Object.hasOwn(secrets, key) ? secrets[key] : undefined
      if (secret === undefined) return undefined
      if ('plain' in secret) {
        // written while there was no vault; now there is one
        if (kind === 'os') await set(key, secret.plain)
        return secret.plain
      }
      const opened = await unseal(safeStorage, secret.sealed)
      if (opened?.shouldReEncrypt === true) await set(key, opened.result)
      return opened?.result
    },
    remove: async (key) => {
      await document.change((secrets) =>
        Object.fromEntries(Object.entries(secrets).filter(([name]) => name !== key)),
      )
    },
  }
}

async function vaultKind(safeStorage: SafeStoragePort, platform: NodeJS.Platform): Promise<Vault['kind']> {
  if (platform === 'linux') {
    const backend = safeStorage.getSelectedStorageBackend()
    if (backend === 'basic_text' || backend === 'unknown') return 'plain'
  }
  return (await safeStorage.isAsyncEncryptionAvailable()) ? 'os' : 'memory'
}

/** A secret that no longer opens (another user's key store, a reset one) reads as none; its text is kept. */
async function unseal(
  safeStorage: SafeStoragePort,
  sealed: string,
): Promise<{ result: string; shouldReEncrypt: boolean } | undefined> {
  try {
    return await safeStorage.decryptStringAsync(Buffer.from(sealed, 'base64'))
  } catch {
    return undefined
  }
}
