import { createStore, type StoreApi } from 'zustand'
import type { MirrorWindow } from '../../shared/model/mirror.ts'

export const windowPresets = ['start', '5m', '1h', '24h', '7d'] as const
export type WindowPreset = (typeof windowPresets)[number]

export const groupings = ['none', 'zone', 'pool', 'source'] as const
export type Grouping = (typeof groupings)[number]

export const sortKeys = ['ratio', 'misses', 'requests', 'node', 'zone'] as const
export type SortKey = (typeof sortKeys)[number]

export const mirrorsViews = ['map', 'table', 'content'] as const
export type MirrorsView = (typeof mirrorsViews)[number]

/** Two moments, ms since 1970. */
export interface TimeRange {
  readonly from: number
  readonly to: number
}

/** An agent as the contract names it. */
export interface AgentKey {
  readonly source: string
  readonly id: string
}

/** How the Mirrors screen is looked at; it is the same after another screen was open. */
export interface MirrorChoices {
  readonly preset: WindowPreset
  /** What the brush chose: takes the place of the preset until it is removed. */
  readonly range: TimeRange | undefined
  /** `content`: who has which part of one image. */
  readonly view: MirrorsView
  /** Undefined: sources where there are several, else zones where there are any. */
  readonly grouping: Grouping | undefined
  readonly sort: SortKey
  readonly filter: string
  readonly paused: boolean
  /** The image nodes are asked for, and the saved registry whose log-in its upstream is asked with. */
  readonly image: string
  readonly registryId: string | undefined
  /** Id of a finding: only nodes it is about are shown, as long as it is in the view. */
  readonly finding: string | undefined
  /** The agent whose details are open. */
  readonly selected: AgentKey | undefined
}

export interface MirrorOptions extends MirrorChoices {
  set(change: Partial<MirrorChoices>): void
}

export function createMirrorOptions(): StoreApi<MirrorOptions> {
  return createStore<MirrorOptions>()((set) => ({
    preset: 'start',
    range: undefined,
    view: 'map',
    grouping: undefined,
    sort: 'ratio',
    filter: '',
    paused: false,
    image: '',
    registryId: undefined,
    finding: undefined,
    selected: undefined,
    set: (change) => set(change),
  }))
}

/** Seconds of a preset; undefined where it reaches back to each agent's own start. */
function presetSeconds(preset: WindowPreset): number | undefined {
  return { start: undefined, '5m': 300, '1h': 3600, '24h': 86_400, '7d': 7 * 86_400 }[preset]
}

/** The window to ask for: the brush's, else the preset's. */
export function windowOf({ preset, range }: Pick<MirrorChoices, 'preset' | 'range'>): MirrorWindow {
  if (range !== undefined) return { kind: 'between', from: range.from, to: range.to }
  const seconds = presetSeconds(preset)
  return seconds === undefined ? { kind: 'start' } : { kind: 'last', seconds }
}
