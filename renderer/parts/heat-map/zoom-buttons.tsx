import { ActionIcon, Tooltip } from '@mantine/core'
import { IconArrowsVertical, IconMinus, IconPlus } from '@tabler/icons-react'
import styles from './heat-map.module.css'
import type { Zoom } from './use-zoom.ts'

/** What one press of a button or key changes. */
export const zoomStep = 1.5

export interface ZoomWords {
  readonly zoomIn: string
  readonly zoomOut: string
  readonly fit: string
}

/** Smaller rows, all rows, larger rows. */
export function ZoomButtons({ zoom, words }: { zoom: Zoom; words: ZoomWords }) {
  return (
    <div className={styles.zoom}>
      {(
        [
          [words.zoomOut, IconMinus, () => zoom.by(1 / zoomStep), zoom.canShrink],
          [words.fit, IconArrowsVertical, () => zoom.fit(), !zoom.fitted],
          [words.zoomIn, IconPlus, () => zoom.by(zoomStep), zoom.canGrow],
        ] as const
      ).map(([name, Icon, act, can]) => (
        <Tooltip key={name} label={name}>
          <ActionIcon size={24} aria-label={name} disabled={!can} onClick={act}>
            <Icon size={14} />
          </ActionIcon>
        </Tooltip>
      ))}
    </div>
  )
}

/** What `+`, `-` and `0` do; false for any other key. */
export function zoomByKey(key: string, zoom: Zoom): boolean {
  if (key === '+' || key === '=') zoom.by(zoomStep)
  else if (key === '-') zoom.by(1 / zoomStep)
  else if (key === '0') zoom.fit()
  else return false
  return true
}
