import { Button } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { RelayState } from '../../shared/model/path-check.ts'
import { CommandLine } from '../parts/command-line.tsx'
import { CopyButton } from '../parts/copy-button.tsx'
import { formatBytes, formatCount } from '../parts/format.ts'
import { Panel } from '../parts/panel.tsx'
import { StatusBadge } from '../parts/status-badge.tsx'
import styles from './relay-panel.module.css'
import { relayPush } from './relay-push.ts'

/** A relay that runs: that the app uses it, what went through, and its address for other tools. */
export function RelayPanel({
  relay,
  registryUrl,
  fileName,
  path,
  busy,
  onStop,
}: {
  relay: RelayState
  registryUrl: string
  /** The chart's file and where it goes, for the helm line. */
  fileName: string
  path: string
  busy: boolean
  onStop: () => void
}) {
  const { t, i18n } = useTranslation('path')
  const bytes = (count: number) => formatBytes(count, i18n.language)
  const { command, name } = relayPush({ address: relay.address, registryUrl, fileName, path })
  const counts = [
    t('relay.sent', { bytes: bytes(relay.bytesToRegistry) }),
    t('relay.received', { bytes: bytes(relay.bytesFromRegistry) }),
    t('relay.open', { count: relay.connections, accepted: formatCount(relay.accepted, i18n.language) }),
    ...(relay.errors > 0 ? [t('relay.errors', { count: relay.errors })] : []),
  ]
  return (
    <Panel aria-label={t('relay.title')}>
      <div className={styles.line}>
        <div className={styles.words}>
          <p className={styles.name}>
            <strong>{t('relay.title')}</strong> <StatusBadge tone="ok">{t('relay.running')}</StatusBadge>{' '}
            <span className="mono">{relay.address}</span>{' '}
            <CopyButton value={relay.address} what={t('relay.address')} />
          </p>
          <p className={styles.meaning}>{t('relay.meaning', { target: relay.target })}</p>
          <p className={styles.meaning}>{counts.join(' · ')}</p>
        </div>
        <Button variant="default" loading={busy} onClick={onStop}>
          {t('relay.stop')}
        </Button>
      </div>
      <details className={styles.tools}>
        <summary>{t('relay.tools')}</summary>
        {name !== undefined && <p className={styles.meaning}>{t('relay.tlsNote', { name })}</p>}
        <CommandLine command={command} what={t('relay.helm')} />
      </details>
    </Panel>
  )
}
