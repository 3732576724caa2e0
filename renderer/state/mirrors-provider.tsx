import { createContext, type ReactNode, useContext, useState } from 'react'
import { type StoreApi, useStore } from 'zustand'
import { type ClustersState, createClusters } from './clusters.ts'
import { createMirrorOptions, type MirrorOptions } from './mirror-options.ts'
import { createSourceDialog, type SourceDialogState } from './source-dialog.ts'

interface Stores {
  clusters: StoreApi<ClustersState>
  options: StoreApi<MirrorOptions>
  dialog: StoreApi<SourceDialogState>
}

const MirrorsContext = createContext<Stores | undefined>(undefined)

/**
 * Keeps the chosen cluster and how the Mirrors screen is looked at above the screens, so that both outlive it, and
 * lets side bar, palette and screen open the one dialog about sources.
 */
export function MirrorsProvider({ children }: { children: ReactNode }) {
  const [stores] = useState(() => ({
    clusters: createClusters(),
    options: createMirrorOptions(),
    dialog: createSourceDialog(),
  }))
  return <MirrorsContext value={stores}>{children}</MirrorsContext>
}

/** A slice of the chosen cluster: `useClusters(({ chosen }) => chosen)`. */
export function useClusters<T>(select: (state: ClustersState) => T): T {
  return useStore(useStores().clusters, select)
}

/** A slice of how the Mirrors screen is looked at. */
export function useMirrorOptions<T>(select: (state: MirrorOptions) => T): T {
  return useStore(useStores().options, select)
}

export function useSourceDialog(): SourceDialogState {
  return useStore(useStores().dialog)
}

function useStores(): Stores {
  const stores = useContext(MirrorsContext)
  if (stores === undefined) throw new Error('the mirrors stores need a MirrorsProvider above them')
  return stores
}
