import { Button } from '@mantine/core'
import { IconHistory } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { FailurePanel } from '../../parts/failure-panel.tsx'
import { formatCount } from '../../parts/format.ts'
import { Panel } from '../../parts/panel.tsx'
import { failureOf } from '../../state/failure-of.ts'
import type { TimeRange, WindowPreset } from '../../state/mirror-options.ts'
import { useWire } from '../../state/wire.tsx'
import { rangeWords } from '../window-words.ts'
import { brushOf } from './brush.ts'
import { PlaybackControls } from './playback-controls.tsx'
import { type Bar, dayLong, rangeOf, spanOf, ticksOf, timelineOf } from './span.ts'
import styles from './timeline-panel.module.css'
import { TimelinePlot } from './timeline-plot.tsx'
import type { Playback } from './use-playback.ts'

/** Milliseconds an answer is kept after the next has come. */
const keptFor = 30_000

/** What all nodes were asked over the past: chooses the window of the map, and plays the past day on it. */
export function TimelinePanel({
  sources,
  now,
  preset,
  range,
  onRange,
  playback,
}: {
  sources: string[] | undefined
  /** ms since 1970, of the newest view. */
  now: number
  preset: WindowPreset
  range: TimeRange | undefined
  onRange: (range: TimeRange | undefined) => void
  playback: Playback
}) {
  const { t, i18n } = useTranslation('mirrors')
  const { client, query } = useWire()
  const [hovered, setHovered] = useState<Bar>()
  const span = playback.day === undefined ? spanOf(preset) : dayLong
  const shown = playback.day ?? rangeOf(span, now)
  const asked = { ...shown, points: span.length / span.step, ...(sources === undefined ? {} : { sources }) }
  const series = useQuery({
    // read anew with every view, for its last step grows, and when playback begins
    queryKey: [...query.mirrors.series.key({ input: asked }), playback.day === undefined ? now : 'playback'],
    queryFn: async ({ signal }) => ({
      of: span.length,
      series: await client.mirrors.series(asked, { signal }),
    }),
    // a week would be drawn as if it were an hour
    placeholderData: (before) => (before?.of === span.length ? before : undefined),
    gcTime: keptFor,
  })
  const { from, to } = shown
  const known = series.data?.series
  const timeline = useMemo(() => timelineOf(known, { from, to }, span.step), [known, from, to, span.step])
  const { bars, step } = timeline
  const chosen = playback.frame ?? range
  const brush = chosen && brushOf(chosen, timeline, step)
  const said =
    hovered !== undefined
      ? barWords(hovered)
      : chosen !== undefined
        ? rangeWords(chosen, i18n.language)
        : t('timeline.how')

  function barWords({ at, hits, misses = 0, serverFaults }: Bar): string {
    const when = rangeWords({ from: at, to: at + step }, i18n.language)
    if (hits === undefined) return t('timeline.noData', { when })
    const counts = {
      when,
      hits: formatCount(hits, i18n.language),
      misses: formatCount(misses, i18n.language),
      faults: formatCount(serverFaults, i18n.language),
    }
    return t(serverFaults > 0 ? 'timeline.stepFaults' : 'timeline.step', counts)
  }

  return (
    <Panel className={styles.panel} aria-label={t('timeline.label')}>
      <div className={styles.head}>
        <h2 className={styles.title}>{t(`timeline.past.${pastOf(span.length)}`)}</h2>
        {/* not twelve times a second: while it plays, the slider says where it is to those who ask */}
        <span className={styles.said} role={playback.playing ? undefined : 'status'}>
          {said}
        </span>
        {playback.day === undefined ? (
          <>
            <span className={styles.legend} aria-hidden>
              <i className={styles.keyHits} /> {t('timeline.hits')}
              <i className={styles.keyMisses} /> {t('timeline.misses')}
              <i className={styles.keyFaults} /> 5xx
            </span>
            <Button
              size="compact-sm"
              variant="default"
              leftSection={<IconHistory size={14} />}
              onClick={() => {
                setHovered(undefined)
                playback.start()
              }}
            >
              {t('playback.start')}
            </Button>
          </>
        ) : (
          <PlaybackControls playback={playback} />
        )}
      </div>
      {series.isError && (
        <FailurePanel failure={failureOf(series.error)} onRetry={() => void series.refetch()} />
      )}
      <TimelinePlot
        bars={bars}
        busy={known === undefined}
        brush={brush}
        scrubs={playback.day !== undefined}
        label={t(playback.day === undefined ? 'timeline.plot' : 'playback.plot')}
        said={said}
        onBrush={(next) =>
          playback.day === undefined
            ? onRange({ from: timeline.from + next.from * step, to: timeline.from + next.to * step })
            : playback.scrub(Math.floor((timeline.from + next.from * step - from) / dayLong.step))
        }
        onHover={setHovered}
        onEscape={() => (playback.day === undefined ? onRange(undefined) : playback.stop())}
      />
      <div className={styles.axis} aria-hidden>
        {ticksOf(timeline, span.tick).map((at) => (
          <span key={at} style={{ left: `${((at - timeline.from) / (timeline.to - timeline.from)) * 100}%` }}>
            {tickWords(at, span.tick, i18n.language)}
          </span>
        ))}
      </div>
    </Panel>
  )
}

function pastOf(length: number): 'hour' | 'day' | 'week' {
  return length <= 3_600_000 ? 'hour' : length <= 86_400_000 ? 'day' : 'week'
}

function tickWords(at: number, tick: number, language: string): string {
  return new Intl.DateTimeFormat(
    language,
    tick >= 86_400_000
      ? { month: 'short', day: 'numeric' }
      : { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
  ).format(at)
}
