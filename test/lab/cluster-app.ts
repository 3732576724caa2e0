import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type RouterClient, createRouterClient } from '@orpc/server'
import { type App, createApp } from '../../electron/app.ts'
import type { AppRouter } from '../../electron/router.ts'
import { createMemoryVault } from '../../electron/vault-memory.ts'
import type { ContentMap } from '../../shared/model/content-map.ts'
import type { SourceSettings } from '../../shared/model/mirror-source.ts'
import type { AgentReading, MirrorView, MirrorWindow } from '../../shared/model/mirror.ts'

/** The whole app with one source, on a profile of its own. */
export interface ClusterApp {
  client: RouterClient<AppRouter>
  source: string
  /** The map after a round over all agents. */
  map(window?: MirrorWindow): Promise<MirrorView>
  /** Who has the parts of an image; `upstream` is where its registry is asked. */
  whoHas(reference: string, upstream: string): Promise<ContentMap>
  close(): Promise<void>
}

/** `ahead`: how far its clock is before this machine's, ms. */
export async function openClusterApp(settings: SourceSettings, { ahead = 0 } = {}): Promise<ClusterApp> {
  const directory = await mkdtemp(join(tmpdir(), 'chartroom-cluster-app-'))
  const quiet = () => undefined
  let app: App | undefined
  const close = async () => {
    await app?.close()
    await rm(directory, { recursive: true, force: true })
  }
  try {
    app = await createApp({
      directory,
      clock: { now: () => Date.now() + ahead },
      vault: createMemoryVault(),
      env: { HOME: directory },
      log: { info: quiet, warn: quiet, error: quiet },
      host: { opensFiles: false, openExternal: async () => false },
    })
    const client = createRouterClient(app.router)
    const { id: source } = await client.mirrors.addSource({ name: 'Lab', settings })
    return {
      client,
      source,
      map: async (window = { kind: 'start' }) => {
        await client.mirrors.refresh()
        return client.mirrors.view({ window })
      },
      whoHas: async (reference, upstream) => {
        const credential = { source: 'anonymous' as const }
        const { id } = await client.registries.add({ name: upstream, url: upstream, credential })
        try {
          const steps = await client.mirrors.whoHasIt({ reference, sources: [source], registryId: id })
          for (;;) {
            const step = await steps.next()
            if (step.done === true) return step.value
          }
        } finally {
          await client.registries.remove({ id })
        }
      },
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

/** What one agent of a view counted for a registry; both are 0 where it was measured and not asked for. */
export function countsOf(
  agent: AgentReading | undefined,
  registry: string,
): { hits: number; misses: number } {
  if (agent?.counts === undefined) throw new Error(`${agent?.name ?? 'an agent'} was not measured`)
  const { hits, misses } = agent.counts.find((count) => count.registry === registry) ?? { hits: 0, misses: 0 }
  return { hits, misses }
}
