import { useState } from 'react'
import type { MirrorView } from '../../shared/model/mirror.ts'
import { type KnownRegistries, knownAfter } from './registries.ts'

interface Seen {
  readonly view: MirrorView | undefined
  readonly known: KnownRegistries
}

const nothing: Seen = { view: undefined, known: new Map() }

/** The registries seen since the map was opened, so that the columns stay while windows and moments change. */
export function useKnownRegistries(view: MirrorView | undefined): KnownRegistries {
  const [seen, setSeen] = useState(nothing)
  if (view === undefined || view === seen.view) return seen.known
  // a view of 2,000 nodes has 40,000 counts: each is looked at once
  const known = knownAfter(seen.known, view)
  // derived while rendering: the columns are there with the first picture, not one after it
  setSeen({ view, known })
  return known
}
