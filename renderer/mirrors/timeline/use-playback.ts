import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import type { Failure } from '../../../shared/model/failure.ts'
import type { MirrorView } from '../../../shared/model/mirror.ts'
import { failureOf } from '../../state/failure-of.ts'
import type { TimeRange } from '../../state/mirror-options.ts'
import { useWire } from '../../state/wire.tsx'
import { dayLong, rangeOf } from './span.ts'

/** Steps a second. */
export const speeds = [2, 4, 12] as const
export type Speed = (typeof speeds)[number]

/** A moment of the past day on the map, and the way to the next one. */
export interface Playback {
  /** The past day as it was when playback began; undefined while the map is live. */
  readonly day: TimeRange | undefined
  /** The moment that is shown, a quarter of an hour long. */
  readonly frame: TimeRange | undefined
  readonly index: number
  readonly playing: boolean
  readonly speed: Speed
  /** Undefined until the first moment is there; the one before until the next is. */
  readonly view: MirrorView | undefined
  readonly failure: Failure | undefined
  start(): void
  toggle(): void
  scrub(index: number): void
  setSpeed(speed: Speed): void
  /** Back to live. */
  stop(): void
}

interface State {
  readonly day: TimeRange
  readonly index: number
  readonly playing: boolean
}

const frames = dayLong.length / dayLong.step

/** Steps through the past day, a moment after another, each asked for once and the next one ahead of time. */
export function usePlayback(sources: string[] | undefined, now: () => number): Playback {
  const { query } = useWire()
  const [state, setState] = useState<State>()
  const [speed, setSpeed] = useState<Speed>(speeds[0])
  const options = (index: number) => {
    const frame = state === undefined ? { from: 0, to: 1 } : frameOf(state.day, index)
    return query.mirrors.view.queryOptions({
      input: {
        window: { kind: 'between' as const, ...frame },
        ...(sources === undefined ? {} : { sources }),
      },
      enabled: state !== undefined && index < frames,
      // the past does not change; large clusters would fill the memory with it
      staleTime: Infinity,
      gcTime: 20_000,
    })
  }
  const shown = useQuery({ ...options(state?.index ?? 0), placeholderData: keepPreviousData })
  useQuery(options((state?.index ?? 0) + 1))

  const ready = shown.isSuccess && !shown.isPlaceholderData
  const index = state?.index
  const playing = state?.playing === true
  useEffect(() => {
    if (!playing || !ready || index === undefined) return undefined
    const timer = setTimeout(
      () =>
        setState((before) =>
          before === undefined
            ? undefined
            : index + 1 < frames
              ? { ...before, index: index + 1 }
              : { ...before, playing: false },
        ),
      1000 / speed,
    )
    return () => clearTimeout(timer)
  }, [playing, ready, index, speed])

  return {
    day: state?.day,
    frame: state && frameOf(state.day, state.index),
    index: index ?? 0,
    playing: playing && !shown.isError,
    speed,
    view: state === undefined ? undefined : shown.data,
    failure: state !== undefined && shown.isError ? failureOf(shown.error) : undefined,
    start: () => setState({ day: rangeOf(dayLong, now()), index: 0, playing: true }),
    toggle: () =>
      setState((before) => {
        if (before === undefined) return undefined
        // at the end it begins anew
        const ended = !before.playing && before.index === frames - 1
        return { ...before, playing: !before.playing, index: ended ? 0 : before.index }
      }),
    scrub: (to) =>
      setState((before) =>
        before === undefined
          ? undefined
          : { ...before, playing: false, index: Math.max(0, Math.min(to, frames - 1)) },
      ),
    setSpeed,
    stop: () => setState(undefined),
  }
}

function frameOf(day: TimeRange, index: number): TimeRange {
  const from = day.from + index * dayLong.step
  return { from, to: from + dayLong.step }
}
