import { createStore, type StoreApi } from 'zustand'

/** Which cluster the Mirrors screen is about: the side bar chooses, the screen follows. */
export interface ClustersState {
  /** Id of a source; undefined is all of them together. */
  readonly chosen: string | undefined
  choose(source: string | undefined): void
}

export function createClusters(): StoreApi<ClustersState> {
  return createStore<ClustersState>()((set) => ({
    chosen: undefined,
    choose: (chosen) => set({ chosen }),
  }))
}
