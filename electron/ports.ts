import type { Exchange } from '../shared/model/exchange.ts'

/** Milliseconds since 1970. Handed in, so that tests decide what time it is. */
export interface Clock {
  now(): number
}

/** Where secrets rest. `kind` is said to the user: only `os` is a real vault. */
export interface Vault {
  readonly kind: 'os' | 'plain' | 'memory'
  get(key: string): Promise<string | undefined>
  set(key: string, secret: string): Promise<void>
  remove(key: string): Promise<void>
}

/** Takes every finished HTTP exchange, already redacted. */
export type RecordExchange = (exchange: Exchange) => void

/** What a host lends the app beside its carrier. */
export interface HostPort {
  readonly opensFiles: boolean
  /** Opens an https address in the system's browser. Resolves to whether there was one to hand it to. */
  openExternal(url: string): Promise<boolean>
}
