import { failureError } from '../../shared/model/local-failure.ts'
import type { ContentMap, ContentProgress } from '../../shared/model/content-map.ts'
import type { AgentDetail } from '../../shared/model/mirror-detail.ts'
import type { KubeContext, SourceDraft, SourceEntry, SourceState } from '../../shared/model/mirror-source.ts'
import type { MirrorSeries, MirrorView, MirrorWindow } from '../../shared/model/mirror.ts'
import type { Environment } from '../credentials/helper.ts'
import type { Log } from '../log.ts'
import type { Transport } from '../oci/ask.ts'
import type { Clock, Vault } from '../ports.ts'
import { type Collector, createCollector, stateOf } from './collector.ts'
import { type ContentPorts, mapContent } from './content/content-maps.ts'
import { agentDetail } from './detail.ts'
import { createFleet, type Member, type Wanted } from './fleet.ts'
import { guardHistory } from './guarded-history.ts'
import type { History } from './history/history.ts'
import { seriesStep } from './history/tiers.ts'
import { askPeerId } from './peer-id.ts'
import type { ScrapeLimits } from './scrape.ts'
import type { Access } from './sources/access.ts'
import type { Known } from './sources/agents.ts'
import { kubeContexts } from './sources/kubernetes/kubeconfig.ts'
import { createSourceList } from './sources/list.ts'
import type { Lookup } from './sources/names.ts'
import { checkSettings, openSource } from './sources/open.ts'
import { isSameCluster, type SavedSource } from './sources/saved.ts'
import type { MirrorSource } from './sources/source.ts'
import { createViews } from './views.ts'

/** Which sources, by id (all where it is left out), and over which time. */
export interface Which {
  sources?: readonly string[] | undefined
  window: MirrorWindow
}

/** The simulated agents of the demo: an address as one would be typed, and what else is known of it. */
export interface DemoAgent {
  address: string
  known?: Known
}

/** Sources of the map, what their agents count, and what that means. Methods throw a FailureError where they fail. */
export interface Mirrors {
  /** The saved ones, then the demo's. */
  sources(): Promise<SourceEntry[]>
  addSource(draft: SourceDraft): Promise<SourceEntry>
  updateSource(id: string, draft: SourceDraft): Promise<SourceEntry>
  removeSource(id: string): Promise<{ removed: boolean }>
  /** One round over a source that need not be saved; `id` lends its secrets where an update would keep them. */
  testSource(draft: SourceDraft, id: string | undefined, signal: AbortSignal): Promise<SourceState>
  /** Contexts of a kubeconfig: of that file, or of those kubectl would read. */
  contexts(kubeconfig: string | undefined): Promise<KubeContext[]>
  /** What is known, at once and after every round, until `signal` aborts. */
  watch(which: Which, signal: AbortSignal): AsyncGenerator<MirrorView, void>
  view(which: Which): Promise<MirrorView>
  /** A round over all sources; resolves when all have ended and are in the history, with when it was asked for. */
  refresh(signal: AbortSignal): Promise<{ at: number }>
  series(asked: SeriesAsked): Promise<MirrorSeries>
  detail(of: { source: string; id: string; window: MirrorWindow }, signal: AbortSignal): Promise<AgentDetail>
  whoHasIt(asked: ContentAsked, signal: AbortSignal): AsyncGenerator<ContentProgress, ContentMap>
  /** Adds the simulated agents as a source of their own, or takes it away with its history. */
  setDemo(agents: readonly DemoAgent[] | undefined): Promise<void>
  close(): Promise<void>
}

/** An image, and where it is looked for. */
export interface ContentAsked {
  reference: string
  sources?: readonly string[] | undefined
  platform?: string | undefined
  registryId?: string | undefined
}

export interface SeriesAsked {
  sources?: readonly string[] | undefined
  agent?: { source: string; id: string } | undefined
  from: number
  to: number
  points: number
}

export interface MirrorsPorts {
  /** Where the list of sources is kept. */
  directory: string
  vault: Vault
  transport: Transport
  clock: Clock
  env: Environment
  log: Log
  /** Seconds between two rounds, asked anew before each pause. */
  seconds: () => number
  /** Opens the history; asked for when it is first needed. */
  openHistory: () => History
  lookup: Lookup
  random: () => number
  /** How the registry of an image is asked, with the credential of a saved registry where one is named. */
  upstream: ContentPorts['upstream']
  limits?: Partial<ScrapeLimits>
}

/** Milliseconds: beyond it no history is kept. */
const longestSeries = 40 * 86_400_000
const demoId = 'demo'
const demoSource: Omit<SavedSource, 'settings'> = {
  id: demoId,
  name: 'Demo',
  credential: { kind: 'none' },
}

/**
 * Collecting begins with the first `watch` or `refresh` and goes on until the app closes, whichever screen is open: a
 * history with holes answers nothing, and an app that was only opened to publish a chart asks no cluster.
 */
export function createMirrors(ports: MirrorsPorts): Mirrors {
  const { clock, log } = ports
  const list = createSourceList(ports)
  const fleet = createFleet()
  const history = guardHistory(ports.openHistory, log)
  const views = createViews({ history, clock })
  const listeners = new Set<() => void>()
  /** How often each source was changed: its secrets are not in what is saved. */
  const revisions = new Map<string, number>()
  let demo: readonly DemoAgent[] | undefined
  let demoRevision = 0

  const tell = (): void => {
    for (const each of listeners) each()
  }

  const openOne = (saved: SavedSource, access: Access, isDemo: boolean): MirrorSource =>
    openSource(saved.settings, {
      id: saved.id,
      demo: isDemo,
      transport: ports.transport,
      clock,
      env: ports.env,
      random: ports.random,
      lookup: ports.lookup,
      ...(isDemo ? { known: knownOf(demo ?? []) } : {}),
      ...(ports.limits !== undefined ? { limits: ports.limits } : {}),
      ...access,
    })
  const collect = (entry: Wanted['entry'], source: MirrorSource): Collector =>
    createCollector({
      source,
      entry,
      clock,
      seconds: ports.seconds,
      record: history.record,
      last: (agent) => history.last(entry.id, agent),
      log,
      onRound: tell,
    })

  const wanted = async (): Promise<Wanted[]> => {
    const saved = (await list.all()).map((each) => ({
      entry: { ...each, demo: false },
      made: `${revisions.get(each.id) ?? 0} ${JSON.stringify(each)}`,
      open: async () => collect({ ...each, demo: false }, openOne(each, await list.access(each), false)),
    }))
    const simulated = demoSaved(demo)
    if (simulated === undefined) return saved
    const entry = { ...simulated, demo: true }
    const open = () => Promise.resolve(collect(entry, openOne(simulated, {}, true)))
    return [...saved, { entry, made: String(demoRevision), open }]
  }
  const members = async (sources?: readonly string[]): Promise<Member[]> =>
    (await fleet.follow(wanted)).filter(({ entry }) => sources?.includes(entry.id) ?? true)
  /** Whatever changed in the list is seen by the collectors and by who watches. */
  const follow = async (): Promise<void> => {
    await members()
    tell()
  }
  const view = async ({ sources, window }: Which): Promise<MirrorView> =>
    views.view(await members(sources), window)

  return {
    sources: async () => {
      const entries = await list.entries()
      const simulated = demoSaved(demo)
      return simulated === undefined ? entries : [...entries, demoEntry(simulated)]
    },
    addSource: async (draft) => {
      checkSettings(draft.settings)
      const entry = await list.add(draft)
      await follow()
      return entry
    },
    updateSource: async (id, draft) => {
      if (id === demoId) throw demoIsFixed()
      checkSettings(draft.settings)
      const before = (await list.all()).find((each) => each.id === id)
      const entry = await list.update(id, draft)
      revisions.set(id, (revisions.get(id) ?? 0) + 1)
      await follow()
      // what another cluster counted is not part of this one's past
      if (before !== undefined && !isSameCluster(before.settings, entry.settings)) history.forget(id)
      return entry
    },
    removeSource: async (id) => {
      if (id === demoId) throw demoIsFixed()
      const answer = await list.remove(id)
      await follow()
      history.forget(id)
      return answer
    },
    testSource: async (draft, id, signal) => {
      checkSettings(draft.settings)
      const { saved, access } = await list.onTrial(draft, id)
      const source = openOne(saved, access, false)
      try {
        const round = await source.round(signal, { everybody: true })
        return stateOf({ ...saved, demo: false }, { ...round, took: clock.now() - round.at }, round.agents)
      } finally {
        source.close()
      }
    },
    contexts: (kubeconfig) => kubeContexts(kubeconfig, ports.env),
    watch: async function* (which, signal) {
      let isNew = true
      let wake: () => void = () => undefined
      const hear = (): void => {
        isNew = true
        wake()
      }
      listeners.add(hear)
      signal.addEventListener('abort', hear)
      try {
        fleet.start()
        while (!signal.aborted) {
          if (isNew) {
            isNew = false
            yield await view(which)
          } else await new Promise<void>((resolve) => (wake = resolve))
        }
      } finally {
        listeners.delete(hear)
        signal.removeEventListener('abort', hear)
      }
    },
    view,
    refresh: async (signal) => {
      const at = clock.now()
      fleet.start()
      const rounds = Promise.all((await members()).map(({ collector }) => collector.refresh()))
      await Promise.race([rounds, cancelled(signal)])
      return { at }
    },
    whoHasIt: async function* ({ sources, ...wanted }, signal) {
      const asked = await members(sources)
      const unknown = asked.filter(({ collector }) => collector.agents().length === 0)
      await Promise.race([
        Promise.all(unknown.map(({ collector }) => collector.refresh())),
        cancelled(signal),
      ])
      const agents = asked.flatMap(({ collector }) =>
        collector.agents().map(({ agent }) => ({ agent, mirror: collector.source.mirrorOf(agent) })),
      )
      return yield* mapContent(wanted, agents, ports, signal)
    },
    series: async ({ sources, agent, points, ...asked }) => {
      const now = clock.now()
      const range = { from: Math.max(asked.from, now - longestSeries), to: Math.min(asked.to, now) }
      if (range.to <= range.from) throw emptySeries()
      const step = seriesStep(range, points, now, ports.seconds() * 1000)
      const of =
        agent === undefined
          ? { sources: (await members(sources)).map(({ entry }) => entry.id) }
          : { sources: [agent.source], agent: agent.id }
      return { ...range, step, points: history.series(of, range, step) }
    },
    detail: async ({ source, id, window }, signal) => {
      const [member] = await members([source])
      const found = member === undefined ? undefined : views.caseOf(member, id, window)
      if (member === undefined || found === undefined) throw noSuchAgent()
      const way = member.collector.source.metricsOf?.(found.case.agent)
      const peerId = way === undefined ? undefined : await askPeerId(way, way.transport, signal)
      return agentDetail({ ...found, ...(peerId !== undefined ? { peerId } : {}) })
    },
    setDemo: async (agents) => {
      demo = agents
      demoRevision += 1
      await follow()
      // agents of the next demo listen elsewhere and count anew
      if (agents === undefined) history.forget(demoId)
    },
    close: async () => {
      await fleet.close()
      history.close()
    },
  }
}

function knownOf(agents: readonly DemoAgent[]): ReadonlyMap<string, Known> {
  return new Map(agents.flatMap(({ address, known }) => (known === undefined ? [] : [[address, known]])))
}

function demoSaved(agents: readonly DemoAgent[] | undefined): SavedSource | undefined {
  if (agents === undefined) return undefined
  const addresses = agents.map(({ address }) => address)
  return { ...demoSource, settings: { kind: 'agents', addresses, mirrorPort: 30_020 } }
}

function demoEntry({ credential, ...saved }: SavedSource): SourceEntry {
  const tls = { verify: true, hasCa: false, hasClientCertificate: false }
  return { ...saved, credential: { ...credential, hasSecret: false }, tls, demo: true }
}

function demoIsFixed() {
  return failureError('input-invalid', 'input', 'The demo can be neither changed nor removed: stop the demo.')
}

function emptySeries() {
  return failureError(
    'input-invalid',
    'input',
    'A series ends after it begins, and not more than 40 days ago.',
  )
}

function noSuchAgent() {
  return failureError('no-such-item', 'input', 'There is no such agent in this source (any more).')
}

function cancelled(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const abort = (): void =>
      reject(failureError('cancelled', 'scrape', 'Nobody waits for the round any more.'))
    if (signal.aborted) abort()
    else signal.addEventListener('abort', abort, { once: true })
  })
}
