import { useState } from 'react'
import type { MirrorView } from '../../shared/model/mirror.ts'
import { type KnownRegistries, knownAfter } from './registries.ts'

const none: KnownRegistries = new Map()

/** The registries seen since this cluster was chosen, so that the columns stay while windows and moments change. */
export function useKnownRegistries(
  view: MirrorView | undefined,
  cluster: string | undefined,
): KnownRegistries {
  const [state, setState] = useState({ cluster, known: none })
  const before = state.cluster === cluster ? state.known : none
  const known = view === undefined ? before : knownAfter(before, view)
  // derived while rendering: the columns are there with the first picture, not one after it
  if (known !== state.known || cluster !== state.cluster) setState({ cluster, known })
  return known
}
