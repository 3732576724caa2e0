import { useState } from 'react'
import type { MirrorView } from '../../shared/model/mirror.ts'
import { type KnownRegistries, knownAfter } from './registries.ts'

const none: KnownRegistries = new Map()

/** The registries seen since the map was opened, so that the columns stay while windows and moments change. */
export function useKnownRegistries(view: MirrorView | undefined): KnownRegistries {
  const [before, setBefore] = useState(none)
  const known = view === undefined ? before : knownAfter(before, view)
  // derived while rendering: the columns are there with the first picture, not one after it
  if (known !== before) setBefore(known)
  return known
}
