import { ActionIcon, Button, SegmentedControl, Tooltip } from '@mantine/core'
import { IconPlayerPause, IconPlayerPlay } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import styles from './timeline-panel.module.css'
import { type Playback, speeds } from './use-playback.ts'

/** Play or pause, how fast, and back to live. */
export function PlaybackControls({ playback }: { playback: Playback }) {
  const { t } = useTranslation('mirrors')
  const name = t(playback.playing ? 'playback.pause' : 'playback.play')
  return (
    <span className={styles.controls}>
      <Tooltip label={name}>
        <ActionIcon size={26} aria-label={name} onClick={playback.toggle}>
          {playback.playing ? <IconPlayerPause size={14} /> : <IconPlayerPlay size={14} />}
        </ActionIcon>
      </Tooltip>
      <SegmentedControl
        size="xs"
        aria-label={t('playback.speed')}
        value={String(playback.speed)}
        onChange={(chosen) => {
          const speed = speeds.find((one) => String(one) === chosen)
          if (speed !== undefined) playback.setSpeed(speed)
        }}
        data={speeds.map((speed) => ({ value: String(speed), label: t(`playback.speeds.${speed}`) }))}
      />
      <Button size="compact-sm" onClick={playback.stop}>
        {t('playback.live')}
      </Button>
    </span>
  )
}
