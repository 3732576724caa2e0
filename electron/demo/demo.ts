import type { Clock } from '../ports.ts'
import { type RunningAgent, startAgents } from './agents.ts'
import { startEmbeddedRegistry } from './registry.ts'
import { seed } from './seed.ts'

/** Where the demo listens: the registry's address, and the agents. */
export interface DemoState {
  registryUrl: string
  agents: readonly RunningAgent[]
}

/** A registry with content and the Spegel agents of a small cluster with traffic, for who has neither. */
export interface Demo {
  /** Starts what is not started yet; twice is once. */
  start(): Promise<DemoState>
  stop(): Promise<void>
  /** Undefined while nothing runs. */
  state(): DemoState | undefined
}

export function createDemo({ clock }: { clock: Clock }): Demo {
  let running: Promise<{ state: DemoState; stop(): Promise<void> }> | undefined
  let state: DemoState | undefined

  const begin = async () => {
    const registry = await startEmbeddedRegistry()
    try {
      await seed(registry.store)
      const agents = await startAgents(clock, registry.store)
      return {
        state: { registryUrl: registry.url, agents: agents.agents },
        stop: async () => {
          await Promise.all([registry.stop(), agents.stop()])
        },
      }
    } catch (error) {
      await registry.stop()
      throw error
    }
  }

  return {
    start: async () => {
      running ??= begin()
      const mine = running
      try {
        const started = await mine
        if (running === mine) state = started.state
        return started.state
      } catch (error) {
        if (running === mine) running = undefined
        throw error
      }
    },
    stop: async () => {
      const mine = running
      running = undefined
      state = undefined
      await (await mine?.catch(() => undefined))?.stop()
    },
    state: () => state,
  }
}
