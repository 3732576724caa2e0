import { implement } from '@orpc/server'
import { contract } from '../shared/contract/contract.ts'
import type { Activity } from './activity/activity.ts'
import type { History } from './charts/history.ts'
import type { Intake } from './charts/intake.ts'
import type { Preflight } from './charts/preflight/preflight.ts'
import type { Publisher } from './charts/publisher.ts'
import type { PublishQueue } from './charts/queue/queue.ts'
import type { Log } from './log.ts'
import type { Mirrors } from './mirrors/mirrors.ts'
import type { Transfers } from './oci/copy/transfers.ts'
import type { OpenedLot } from './opened-files.ts'
import type { PathChecks } from './path-checks.ts'
import type { HostPort, Vault } from './ports.ts'
import type { Pulls } from './pulls/walk.ts'
import type { Registries } from './registries/registries.ts'
import type { Warnings } from './registries/warnings.ts'
import type { Relays } from './relay/relays.ts'
import type { SettingsStore } from './settings/settings.ts'
import { version } from './version.ts'
import { createCalls } from './wire/calls.ts'

/** What the operations are made of. */
export interface Services {
  registries: Registries
  warnings: Warnings
  intake: Intake
  preflight: Preflight
  publisher: Publisher
  history: History
  queue: PublishQueue
  transfers: Pick<Transfers, 'copy'>
  pathChecks: PathChecks
  relays: Relays
  mirrors: Mirrors
  pulls: Pulls
  activity: Activity
  settings: SettingsStore
  vault: Vault
  host: HostPort
  demo: {
    start(): Promise<{ registryId: string }>
    stop(): Promise<{ stopped: boolean }>
    running(): boolean
  }
  openedFiles(signal: AbortSignal): AsyncGenerator<OpenedLot, void>
}

/** One line an operation of the contract; `closing` aborts every call. */
export function createRouter(services: Services, closing: AbortSignal, log: Log) {
  const { registries, intake, preflight, publisher, history, queue, transfers, pathChecks, relays } = services
  const { mirrors, pulls, activity, settings, vault, host, demo } = services
  const os = implement(contract).use(createCalls(closing, log))
  return os.router({
    registries: {
      list: os.registries.list.handler(() => registries.list()),
      add: os.registries.add.handler(({ input }) => registries.add(input)),
      update: os.registries.update.handler(({ input }) => registries.update(input.id, input.draft)),
      remove: os.registries.remove.handler(async ({ input }) => {
        await relays.stop(input.id)
        return registries.remove(input.id)
      }),
      test: os.registries.test.handler(({ input, context }) =>
        registries.test(input.draft, input.id, context.signal),
      ),
      tlsReport: os.registries.tlsReport.handler(({ input, context }) =>
        registries.tlsReport(input.draft, input.id, context.signal),
      ),
      ping: os.registries.ping.handler(({ input, context }) => registries.ping(input.id, context.signal)),
      repositories: os.registries.repositories.handler(({ input, context }) =>
        registries.repositories(input.id, context.signal),
      ),
      tags: os.registries.tags.handler(({ input, context }) =>
        registries.tags(input.id, input.repository, context.signal),
      ),
      artifact: os.registries.artifact.handler(({ input, context }) =>
        registries.artifact(input.id, input.repository, input.reference, context.signal),
      ),
      referrers: os.registries.referrers.handler(({ input, context }) =>
        registries.referrers(input, context.signal),
      ),
      warnings: os.registries.warnings.handler(({ context }) => services.warnings.watch(context.signal)),
      copy: os.registries.copy.handler(({ input, context }) => transfers.copy(input, context.signal)),
    },
    publish: {
      inspect: os.publish.inspect.handler(({ input }) => intake.inspect(input.ticket)),
      preflight: os.publish.preflight.handler(({ input, context }) => preflight.check(input, context.signal)),
      start: os.publish.start.handler(({ input, context }) => publisher.start(input, context.signal)),
      drop: os.publish.drop.handler(async ({ input }) => ({ dropped: await intake.drop(input.ticket) })),
      queue: os.publish.queue.handler(({ context }) => queue.watch(context.signal)),
      enqueue: os.publish.enqueue.handler(({ input }) => queue.enqueue(input.files)),
      submit: os.publish.submit.handler(({ input: { id, resume, ...target } }) =>
        queue.submit(id, target, resume === true),
      ),
      cancel: os.publish.cancel.handler(({ input }) => queue.cancel(input.id)),
      remove: os.publish.remove.handler(({ input }) => queue.remove(input.id)),
      learned: os.publish.learned.handler(({ input }) => publisher.learned(input)),
      forget: os.publish.forget.handler(({ input }) => publisher.forget(input.registryId)),
      history: os.publish.history.handler(({ input }) => history.newest(input.newest)),
      clearHistory: os.publish.clearHistory.handler(() => history.clear()),
      checkPath: os.publish.checkPath.handler(({ input, context }) =>
        pathChecks.check(input, context.signal),
      ),
      startRelay: os.publish.startRelay.handler(({ input }) => relays.start(input.registryId)),
      stopRelay: os.publish.stopRelay.handler(({ input }) => relays.stop(input.registryId)),
      relays: os.publish.relays.handler(({ context }) => relays.watch(context.signal)),
    },
    mirrors: {
      sources: os.mirrors.sources.handler(() => mirrors.sources()),
      addSource: os.mirrors.addSource.handler(({ input }) => mirrors.addSource(input)),
      updateSource: os.mirrors.updateSource.handler(({ input }) =>
        mirrors.updateSource(input.id, input.draft),
      ),
      removeSource: os.mirrors.removeSource.handler(({ input }) => mirrors.removeSource(input.id)),
      testSource: os.mirrors.testSource.handler(({ input, context }) =>
        mirrors.testSource(input.draft, input.id, context.signal),
      ),
      contexts: os.mirrors.contexts.handler(({ input }) => mirrors.contexts(input.kubeconfig)),
      watch: os.mirrors.watch.handler(({ input, context }) => mirrors.watch(input, context.signal)),
      view: os.mirrors.view.handler(({ input }) => mirrors.view(input)),
      refresh: os.mirrors.refresh.handler(({ context }) => mirrors.refresh(context.signal)),
      series: os.mirrors.series.handler(({ input }) => mirrors.series(input)),
      detail: os.mirrors.detail.handler(({ input, context }) => mirrors.detail(input, context.signal)),
      whoHasIt: os.mirrors.whoHasIt.handler(({ input, context }) => mirrors.whoHasIt(input, context.signal)),
    },
    pulls: {
      walk: os.pulls.walk.handler(({ input, context }) => pulls.walk(input, context.signal)),
    },
    activity: {
      watch: os.activity.watch.handler(({ context }) => activity.watch(context.signal)),
      clear: os.activity.clear.handler(() => activity.clear()),
      har: os.activity.har.handler(() => activity.har()),
    },
    settings: {
      get: os.settings.get.handler(() => settings.get()),
      update: os.settings.update.handler(({ input }) => settings.update(input)),
    },
    host: {
      capabilities: os.host.capabilities.handler(() => ({
        version,
        secrets: vault.kind,
        demo: demo.running(),
        opensFiles: host.opensFiles,
      })),
      startDemo: os.host.startDemo.handler(() => demo.start()),
      stopDemo: os.host.stopDemo.handler(() => demo.stop()),
      openedFiles: os.host.openedFiles.handler(({ context }) => services.openedFiles(context.signal)),
      openExternal: os.host.openExternal.handler(async ({ input }) => ({
        opened: await host.openExternal(input.url),
      })),
    },
  })
}

export type AppRouter = ReturnType<typeof createRouter>
