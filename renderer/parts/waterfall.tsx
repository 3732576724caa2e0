import { useElementSize } from '@mantine/hooks'
import { axisOf } from './axis.ts'
import { type Bar, type Lane, type PlacedLane, placeBars } from './waterfall-layout.ts'
import styles from './waterfall.module.css'

const labelWidth = 170
const axisHeight = 26
const rowHeight = 40
const lanePadding = 14
/** Room right of the axis' end, for the last tick's words. */
const rightMargin = 28

/**
 * Requests on a time axis, a lane per host. A picture: the same must stand beside it as a table for those who
 * do not see it. `label` is what a screen reader says instead.
 */
export function Waterfall({
  label,
  lanes,
  bars,
  formatTick,
}: {
  label: string
  lanes: readonly Lane[]
  bars: readonly Bar[]
  formatTick: (milliseconds: number) => string
}) {
  const { ref, width } = useElementSize()
  const track = Math.max((width === 0 ? 900 : width) - labelWidth - rightMargin, 200)
  const { end, ticks } = axisOf(Math.max(0, ...bars.map((bar) => bar.start + bar.duration)))
  const placed = placeBars(lanes, bars, end, track)
  const tops = topsOf(placed)
  const height = axisHeight + placed.reduce((sum, lane) => sum + laneHeight(lane), 0)
  return (
    <div ref={ref} className={styles.frame}>
      <svg role="img" aria-label={label} width="100%" height={height} className={styles.picture}>
        {ticks.map((tick) => {
          const x = labelWidth + (tick / end) * track
          return (
            <g key={tick}>
              <line x1={x} x2={x} y1={axisHeight - 6} y2={height} className={styles.grid} />
              <text x={x} y={12} className={styles.tick}>
                {formatTick(tick)}
              </text>
            </g>
          )
        })}
        {placed.map((lane, index) => (
          <g key={lane.id} transform={`translate(0 ${tops[index] ?? 0})`}>
            <line
              x1={0}
              x2={labelWidth + track}
              y1={laneHeight(lane)}
              y2={laneHeight(lane)}
              className={styles.grid}
            />
            <text x={0} y={24} className={styles.host}>
              {shorten(lane.title)}
              <title>{lane.title}</title>
            </text>
            <text x={0} y={40} className={styles.note}>
              {lane.note}
            </text>
            {lane.bars.map((bar) => (
              <g
                key={bar.id}
                data-tone={bar.tone}
                className={styles.bar}
                transform={`translate(${labelWidth + bar.x} ${lanePadding / 2 + bar.row * rowHeight + 3})`}
              >
                <rect width={bar.width} height={20} rx={4} />
                <text x={Math.min(6, bar.width / 2)} y={14} className={styles.code}>
                  {bar.text}
                </text>
                <text x={0} y={33} className={styles.note}>
                  {bar.caption}
                </text>
              </g>
            ))}
          </g>
        ))}
      </svg>
    </div>
  )
}

function laneHeight(lane: PlacedLane): number {
  return lane.rows * rowHeight + lanePadding
}

function topsOf(lanes: readonly PlacedLane[]): number[] {
  let top = axisHeight
  return lanes.map((lane) => {
    const own = top
    top += laneHeight(lane)
    return own
  })
}

/** The end of a host name tells nodes apart, and so does its beginning: the middle goes. */
function shorten(host: string): string {
  return host.length <= 22 ? host : `${host.slice(0, 10)}…${host.slice(-10)}`
}
