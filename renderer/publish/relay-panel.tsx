import { Button } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { RelayState } from '../../shared/model/path-check.ts'
import { CommandLine } from '../parts/command-line.tsx'
import { CopyButton } from '../parts/copy-button.tsx'
import { Fact, Facts } from '../parts/facts.tsx'
import { formatBytes, formatCount } from '../parts/format.ts'
import { Panel } from '../parts/panel.tsx'
import { StatusBadge } from '../parts/status-badge.tsx'
import styles from './relay-panel.module.css'
import { relayPush } from './relay-push.ts'

/** A relay that runs: that the app uses it, its address for other tools, and what went through. */
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
  const connections = [
    t('relay.open', { count: relay.connections, accepted: formatCount(relay.accepted, i18n.language) }),
    ...(relay.errors > 0 ? [t('relay.errors', { count: relay.errors })] : []),
  ].join(', ')
  return (
    <Panel
      title={t('relay.title')}
      note={<StatusBadge tone="ok">{t('relay.running')}</StatusBadge>}
      actions={
        <Button variant="default" loading={busy} onClick={onStop}>
          {t('relay.stop')}
        </Button>
      }
    >
      <p className={styles.meaning}>{t('relay.meaning', { target: relay.target })}</p>
      <Facts>
        <Fact
          name={t('relay.address')}
          mono
          copy={<CopyButton value={relay.address} what={t('relay.address')} />}
        >
          {relay.address}
        </Fact>
        <Fact name={t('relay.tools')}>
          <CommandLine command={command} what={t('relay.helm')} />
          {name !== undefined && <p className="note">{t('relay.tlsNote', { name })}</p>}
        </Fact>
        <Fact name={t('relay.sent')}>{bytes(relay.bytesToRegistry)}</Fact>
        <Fact name={t('relay.received')}>{bytes(relay.bytesFromRegistry)}</Fact>
        <Fact name={t('relay.connections')}>{connections}</Fact>
      </Facts>
    </Panel>
  )
}
