import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRouterClient, type RouterClient } from '@orpc/server'
import { createApp } from '../../../electron/app.ts'
import type { AppRouter } from '../../../electron/router.ts'
import { createMemoryVault } from '../../../electron/vault-memory.ts'
import type { PreflightCheck, PreflightCheckName, PreflightReport } from '../../../shared/model/preflight.ts'
import type { CredentialDraft } from '../../../shared/model/registry.ts'
import type { PublishResult } from '../../../shared/model/upload.ts'

/** A preflight that ended: what it streamed, and its report by the names of the checks. */
export interface Flown {
  streamed: PreflightCheck[]
  report: PreflightReport
  of(check: PreflightCheckName): PreflightCheck
  /** `check: outcome finding`, one line a check, in the order of the report. */
  lines: string[]
}

/** The whole app over a home of its own, as a window or a command line has it. */
export interface PreflightLab {
  client: RouterClient<AppRouter>
  home: string
  /** Takes a chart's bytes in, under a file name and with a provenance file beside it where one is given. */
  take(bytes: Uint8Array, more?: { fileName?: string; provenance?: string }): Promise<string>
  /** Saves a registry; returns its id. */
  add(url: string, credential?: CredentialDraft): Promise<string>
  fly(ticket: string, registryId: string, path?: string): Promise<Flown>
  publish(ticket: string, registryId: string, overwrite?: string): Promise<PublishResult>
  close(): Promise<void>
}

export async function openPreflightLab(): Promise<PreflightLab> {
  const home = await mkdtemp(join(tmpdir(), 'chartroom-preflight-'))
  const silent = (): void => undefined
  const app = await createApp({
    directory: join(home, 'profile'),
    clock: Date,
    vault: createMemoryVault(),
    env: { HOME: home, PATH: join(home, 'bin') },
    log: { info: silent, warn: silent, error: silent },
    host: { opensFiles: false, openExternal: async () => false },
  })
  const client = createRouterClient(app.router)
  let charts = 0
  return {
    client,
    home,
    take: async (bytes, { fileName = 'chart.tgz', provenance } = {}) => {
      const directory = await mkdtemp(join(home, `charts-${(charts += 1)}-`))
      await writeFile(join(directory, fileName), bytes)
      if (provenance !== undefined) await writeFile(join(directory, `${fileName}.prov`), provenance)
      return app.intake.acceptPath(join(directory, fileName))
    },
    add: async (url, credential = { source: 'anonymous' }) =>
      (await client.registries.add({ name: 'Lab', url, credential })).id,
    fly: async (ticket, registryId, path = 'charts') => {
      const streamed: PreflightCheck[] = []
      const running = await client.publish.preflight({ ticket, registryId, path })
      let step = await running.next()
      for (; step.done !== true; step = await running.next()) streamed.push(step.value)
      const report = step.value
      return {
        streamed,
        report,
        of: (name) => {
          const check = report.checks.find((each) => each.check === name)
          if (check === undefined) throw new Error(`the report has no ${name}`)
          return check
        },
        lines: report.checks.map(({ check, outcome, finding }) => `${check}: ${outcome} ${finding}`),
      }
    },
    publish: async (ticket, registryId, overwrite) => {
      const input = { ticket, registryId, path: 'charts', mode: 'auto' as const, overwrite }
      const running = await client.publish.start(input)
      let step = await running.next()
      while (step.done !== true) step = await running.next()
      return step.value
    },
    close: async () => {
      await app.close()
      await rm(home, { recursive: true, force: true })
    },
  }
}
