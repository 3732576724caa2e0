import { Button } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { PullInput } from '../../shared/model/pull.ts'
import type { RegistryEntry } from '../../shared/model/registry.ts'
import { Panel } from '../parts/panel.tsx'
import { StatusBadge } from '../parts/status-badge.tsx'
import styles from './pull-summary.module.css'

/** What was walked, in one line, so that the answer has the room. */
export function PullSummary({
  input,
  registries,
  walking,
  onEdit,
  onWalk,
  onCancel,
}: {
  input: PullInput
  registries: readonly RegistryEntry[]
  walking: boolean
  onEdit: () => void
  onWalk: () => void
  onCancel: () => void
}) {
  const { t } = useTranslation(['pulls', 'common'])
  const registry = registries.find((entry) => entry.id === input.registryId)
  return (
    <Panel aria-label={t('form.title')}>
      <div className={styles.line}>
        <code className={`mono ${styles.reference}`}>{input.reference}</code>
        <StatusBadge>{input.platform}</StatusBadge>
        <StatusBadge>{t('form.asContainerd', { version: input.containerd })}</StatusBadge>
        <StatusBadge>{t(input.hostsToml.trim() === '' ? 'form.noMirrors' : 'form.mirrors')}</StatusBadge>
        {registry !== undefined && (
          <StatusBadge>{t('form.withCredential', { name: registry.name })}</StatusBadge>
        )}
        {registry?.demo === true && <StatusBadge tone="accent">{t('common:demo')}</StatusBadge>}
        <span className={styles.actions}>
          {walking ? (
            <Button variant="default" onClick={onCancel}>
              {t('common:cancel')}
            </Button>
          ) : (
            <>
              <Button variant="default" onClick={onEdit}>
                {t('form.edit')}
              </Button>
              <Button onClick={onWalk}>{t('form.again')}</Button>
            </>
          )}
        </span>
      </div>
    </Panel>
  )
}
