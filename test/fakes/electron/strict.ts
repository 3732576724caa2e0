import { EventEmitter } from 'node:events'

/**
 * Lets through only what `members` has and throws on the rest, so that the app cannot use a part of Electron that
 * no test has a double for.
 */
export function strict<T extends object>(name: string, members: T): T {
  return new Proxy(members, {
    get: (target, key, receiver) => {
      // what `await`, printing and vitest's own checks look for on any object
      if (typeof key === 'symbol' || key === 'then' || key === 'toJSON')
        return Reflect.get(target, key, receiver)
      if (!(key in target)) throw new Error(`the double has no ${name}.${key}`)
      return Reflect.get(target, key, receiver)
    },
    set: (_target, key) => {
      throw new Error(`the double's ${name}.${String(key)} cannot be set`)
    },
  })
}

type Listener = (...parts: never[]) => unknown
type AnyListener = (...parts: unknown[]) => void

/** An emitter that knows its events: listening to any other throws. */
export class Emitter {
  readonly #name: string
  readonly #events: readonly string[]
  readonly #emitter = new EventEmitter()

  constructor(name: string, events: readonly string[]) {
    this.#name = name
    this.#events = events
  }

  on = (event: string, listener: Listener): void => {
    this.#check(event)
    this.#emitter.on(event, listener as AnyListener)
  }

  once = (event: string, listener: Listener): void => {
    this.#check(event)
    this.#emitter.once(event, listener as AnyListener)
  }

  emit(event: string, ...parts: unknown[]): void {
    this.#check(event)
    this.#emitter.emit(event, ...parts)
  }

  /** Emits with an event that can be prevented as the first part; returns whether it was. */
  emitPreventable(event: string, ...parts: unknown[]): boolean {
    let prevented = false
    this.emit(event, { preventDefault: () => (prevented = true) }, ...parts)
    return prevented
  }

  #check(event: string): void {
    if (!this.#events.includes(event)) throw new Error(`the double's ${this.#name} has no event ${event}`)
  }
}
