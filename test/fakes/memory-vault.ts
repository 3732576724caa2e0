import type { Vault } from '../../electron/ports.ts'

/** A vault that shows what is in it. */
export function memoryVault(): Vault & { secrets(): Record<string, string> } {
  const kept = new Map<string, string>()
  return {
    kind: 'memory',
    get: async (key) => kept.get(key),
    set: async (key, secret) => {
      kept.set(key, secret)
    },
    remove: async (key) => {
      kept.delete(key)
    },
    secrets: () => Object.fromEntries(kept),
  }
}
