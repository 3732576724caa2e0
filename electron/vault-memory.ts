import type { Vault } from './ports.ts'

/** Secrets of the hosts that have no system vault: kept until the process ends, never written. */
export function createMemoryVault(): Vault {
  const secrets = new Map<string, string>()
  return {
    kind: 'memory',
    get: async (key) => secrets.get(key),
    set: async (key, secret) => void secrets.set(key, secret),
    remove: async (key) => void secrets.delete(key),
  }
}
