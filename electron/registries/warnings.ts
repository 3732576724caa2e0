import type { RegistryWarning } from '../../shared/model/registry.ts'

/** Warnings that are kept; the oldest goes first. */
const maxKept = 200

/** What registries warned of since the app began, each host and text once (distribution-spec, "Warnings"). */
export interface Warnings {
  /** Keeps a warning nobody gave yet. */
  add(warning: RegistryWarning): void
  /** All that are kept, oldest first, then each new one, until `signal` aborts. */
  watch(signal: AbortSignal): AsyncGenerator<RegistryWarning[], void>
}

export function createWarnings(): Warnings {
  const kept = new Map<string, RegistryWarning>()
  const wakers = new Set<() => void>()
  return {
    add: (warning) => {
      const key = `${warning.host} ${warning.text}`
      if (kept.has(key)) return
      kept.set(key, warning)
      const [oldest] = kept.keys()
      if (kept.size > maxKept && oldest !== undefined) kept.delete(oldest)
      for (const wake of wakers) wake()
    },
    watch: async function* (signal) {
      const told = new WeakSet<RegistryWarning>()
      let wake: () => void = () => undefined
      const waker = (): void => wake()
      wakers.add(waker)
      signal.addEventListener('abort', waker)
      try {
        yield fresh()
        while (!signal.aborted) {
          const batch = fresh()
          if (batch.length > 0) yield batch
          else await new Promise<void>((resolve) => (wake = resolve))
        }
      } finally {
        wakers.delete(waker)
        signal.removeEventListener('abort', waker)
      }
      function fresh(): RegistryWarning[] {
        const batch = [...kept.values()].filter((warning) => !told.has(warning))
        for (const warning of batch) told.add(warning)
        return batch
      }
    },
  }
}
