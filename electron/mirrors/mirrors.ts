import type { ContentMap, ContentProgress } from '../../shared/model/content-map.ts'
import { failureError } from '../../shared/model/local-failure.ts'
import type { AgentDetail } from '../../shared/model/mirror-detail.ts'
import type { KubeContext, SourceDraft, SourceEntry, SourceState } from '../../shared/model/mirror-source.ts'
import type { MirrorSeries, MirrorView, MirrorWindow } from '../../shared/model/mirror.ts'
import type { Vault } from '../ports.ts'
import { type ClusterPorts, createClusters } from './clusters.ts'
import { stateOf } from './collector.ts'
import { type ContentPorts, type ContentWanted, mapContent } from './content/content-maps.ts'
import { agentDetail } from './detail.ts'
import { guardHistory } from './guarded-history.ts'
import type { History } from './history/history.ts'
import { seriesStep } from './history/tiers.ts'
import { askPeerId } from './peer-id.ts'
import { type DemoAgent, demoEntry, demoId, demoIsFixed } from './sources/demo.ts'
import { kubeContexts } from './sources/kubernetes/kubeconfig.ts'
import { createSourceList } from './sources/list.ts'
import { checkSettings } from './sources/open.ts'
import { isSameCluster } from './sources/saved.ts'
import { createViews } from './views.ts'

/** Which sources, by id (all where it is left out), and over which time. */
export interface Which {
  sources?: readonly string[] | undefined
  window: MirrorWindow
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

/** An image, and whose mirrors are asked for it. */
export interface ContentAsked extends ContentWanted {
  sources?: readonly string[] | undefined
}

export interface SeriesAsked {
  sources?: readonly string[] | undefined
  agent?: { source: string; id: string } | undefined
  from: number
  to: number
  points: number
}

export interface MirrorsPorts extends ClusterPorts, Pick<ContentPorts, 'upstream'> {
  /** Where the list of sources is kept. */
  directory: string
  vault: Vault
  /** Opens the history; asked for when it is first needed. */
  openHistory: () => History
}

/** Milliseconds: beyond it no history is kept. */
const longestSeries = 40 * 86_400_000

/**
 * Collecting begins with the first `watch` or `refresh` and goes on until the app closes, whichever screen is open: a
 * history with holes answers nothing, and an app that was only opened to publish a chart asks no cluster.
 */
export function createMirrors(ports: MirrorsPorts): Mirrors {
  const { clock } = ports
  const list = createSourceList(ports)
  const history = guardHistory(ports.openHistory, ports.log)
  const views = createViews({ history, clock })
  const watchers = new Set<() => void>()
  const tell = (): void => {
    for (const each of watchers) each()
  }
  const clusters = createClusters(ports, { list, history, onRound: tell })
  let demo: readonly DemoAgent[] | undefined

  /** Whatever changed in the list is seen by the collectors, and by who watches. */
  const follow = async (): Promise<void> => {
    await clusters.members()
    tell()
  }
  const view = async ({ sources, window }: Which): Promise<MirrorView> =>
    views.view(await clusters.members(sources), window)

  return {
    sources: async () => [...(await list.entries()), ...(demo === undefined ? [] : [demoEntry(demo)])],
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
      clusters.changed(id)
      await follow()
      // what another cluster counted is not part of this one's past
      if (before !== undefined && !isSameCluster(before.settings, entry.settings)) views.forget(id)
      return entry
    },
    removeSource: async (id) => {
      if (id === demoId) throw demoIsFixed()
      const answer = await list.remove(id)
      await follow()
      views.forget(id)
      return answer
    },
    testSource: async (draft, id, signal) => {
      checkSettings(draft.settings)
      const { saved, access } = await list.onTrial(draft, id)
      const source = clusters.open(saved, access)
      try {
        const round = await source.round(signal, { everybody: true })
        return stateOf({ ...saved, demo: false }, { ...round, took: clock.now() - round.at }, round.agents)
      } finally {
        source.close()
      }
    },
    contexts: (kubeconfig) => kubeContexts(kubeconfig, ports.env),
    watch: async function* (which, signal) {
      let isNew = false
      let wake: () => void = () => undefined
      const hear = (): void => {
        isNew = true
        wake()
      }
      watchers.add(hear)
      signal.addEventListener('abort', hear)
      try {
        const first = await view(which)
        clusters.start()
        yield first
        while (!signal.aborted) {
          if (isNew) {
            isNew = false
            yield await view(which)
          } else await new Promise<void>((resolve) => (wake = resolve))
        }
      } finally {
        watchers.delete(hear)
        signal.removeEventListener('abort', hear)
      }
    },
    view,
    refresh: async (signal) => {
      const at = clock.now()
      const rounds = (await clusters.members()).map(({ collector }) => collector.refresh())
      clusters.start()
      // a source that is taken off meanwhile is not waited for
      await Promise.race([Promise.allSettled(rounds), cancelled(signal)])
      return { at }
    },
    series: async ({ sources, agent, points, ...asked }) => {
      const now = clock.now()
      const range = { from: Math.max(asked.from, now - longestSeries), to: Math.min(asked.to, now) }
      if (range.to <= range.from) throw emptySeries()
      const step = seriesStep(range, points, now, ports.seconds() * 1000)
      const of =
        agent === undefined
          ? { sources: (await clusters.members(sources)).map(({ entry }) => entry.id) }
          : { sources: [agent.source], agent: agent.id }
      return { ...range, step, points: history.series(of, range, step) }
    },
    detail: async ({ source, id, window }, signal) => {
      const [member] = await clusters.members([source])
      const found = member === undefined ? undefined : views.caseOf(member, id, window)
      if (member === undefined || found === undefined) throw noSuchAgent()
      const way = member.collector.source.metricsOf?.(found.case.agent)
      const peerId = way === undefined ? undefined : await askPeerId(way, way.transport, signal)
      return agentDetail({ ...found, ...(peerId !== undefined ? { peerId } : {}) })
    },
    whoHasIt: async function* ({ sources, ...wanted }, signal) {
      const asked = await clusters.members(sources)
      // a source that was never looked at knows nobody
      const unmet = asked.filter(({ collector }) => collector.state().state === 'waiting')
      const met = Promise.all(unmet.map(({ collector }) => collector.refresh()))
      await Promise.race([met, cancelled(signal)])
      const agents = asked.flatMap(({ collector }) =>
        collector.agents().map(({ agent }) => ({ agent, mirror: collector.source.mirrorOf(agent) })),
      )
      return yield* mapContent(wanted, agents, ports, signal)
    },
    setDemo: async (agents) => {
      demo = agents
      clusters.setDemo(agents)
      await follow()
      // agents of the next demo listen elsewhere and count anew
      if (agents === undefined) views.forget(demoId)
    },
    close: async () => {
      await clusters.close()
      history.close()
    },
  }
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
