import { createStore, type StoreApi } from 'zustand'
import type { SourceState } from '../../shared/model/mirror-source.ts'

/** Which cluster the Mirrors screen is about, and how each was doing when it was last looked at. */
export interface ClustersState {
  /** Id of a source; undefined is all of them together. */
  readonly chosen: string | undefined
  /** Of the newest view each source was in, by its id; empty until Mirrors was open. */
  readonly states: ReadonlyMap<string, SourceState>
  /** The side bar chooses, the screen follows. */
  choose(source: string | undefined): void
  /** The screen has a new view of these sources. */
  note(states: readonly SourceState[]): void
}

/** How a cluster is doing; `partly`: some of its agents do not answer. `unknown`: nobody has looked yet. */
export type ClusterHealth = 'unknown' | 'ok' | 'partly' | 'failing'

export function clusterHealth(state: SourceState | undefined): ClusterHealth {
  if (state === undefined || state.state === 'waiting') return 'unknown'
  if (state.state === 'failing' || (state.answering === 0 && state.agents > 0)) return 'failing'
  return state.answering < state.agents ? 'partly' : 'ok'
}

/** The mark of each; the word stands beside it. */
export const clusterTones = { unknown: 'neutral', ok: 'ok', partly: 'warn', failing: 'bad' } as const

export function createClusters(): StoreApi<ClustersState> {
  return createStore<ClustersState>()((set) => ({
    chosen: undefined,
    states: new Map(),
    choose: (chosen) => set({ chosen }),
    note: (states) =>
      set((before) => ({
        states: new Map([...before.states, ...states.map((one) => [one.id, one] as const)]),
      })),
  }))
}
