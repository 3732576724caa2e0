import type { PathCheckInput, PathCheckReport, PathCheckResult } from '../shared/model/path-check.ts'
import { checkPath } from './oci/path-check/path-check.ts'
import type { UploadMemory } from './oci/upload/memory.ts'
import type { Clock } from './ports.ts'
import type { Registries } from './registries/registries.ts'
import { type Relay, startRelay, targetOf } from './relay/relay.ts'

export interface PathChecks {
  /** See `checkPath`. */
  check(input: PathCheckInput, signal: AbortSignal): AsyncGenerator<PathCheckResult, PathCheckReport>
  /** How many are under way. */
  running(): number
}

/** Checks the paths to saved registries. The relay of a check is its own and ends with it. */
export function createPathChecks(ports: {
  registries: Pick<Registries, 'clientOver' | 'urlOf'>
  memory: UploadMemory
  /** Bytes that a buffered upload reads into memory at most. */
  bufferBytes: () => Promise<number>
  clock: Clock
}): PathChecks {
  const { registries, memory, clock } = ports
  let running = 0
  return {
    running: () => running,
    async *check({ registryId, ...matrix }, signal) {
      let relay: Relay | undefined
      running += 1
      try {
        return yield* checkPath({
          ...matrix,
          clientFor: async (route) => {
            if (route === 'relay') relay ??= await startRelay(targetOf(await registries.urlOf(registryId)))
            return registries.clientOver(registryId, route === 'relay' ? relay?.port : undefined)
          },
          memory,
          limits: { bufferBytes: await ports.bufferBytes() },
          signal,
          clock,
        })
      } finally {
        running -= 1
        await relay?.stop()
      }
    },
  }
}
