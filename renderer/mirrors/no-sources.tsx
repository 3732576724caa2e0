import { Button } from '@mantine/core'
import { IconTopologyStar3 } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { EmptyState } from '../parts/empty-state.tsx'
import { FailurePanel } from '../parts/failure-panel.tsx'
import { Panel } from '../parts/panel.tsx'
import { useStartDemoHere } from '../state/demo-here.ts'
import { failureOf } from '../state/failure-of.ts'
import { useSourceDialog } from '../state/mirrors-provider.tsx'
import styles from './mirrors-screen.module.css'

const kinds = ['kubernetes', 'prometheus', 'agents'] as const

/** Nothing to read yet: what the map is, and the ways to fill it. */
export function NoSources() {
  const { t } = useTranslation('mirrors')
  const { open } = useSourceDialog()
  const demo = useStartDemoHere()
  return (
    <Panel className={styles.empty} aria-label={t('empty.title')}>
      <EmptyState
        icon={<IconTopologyStar3 size={22} />}
        title={t('empty.title')}
        meaning={t('empty.meaning')}
      >
        {kinds.map((kind, index) => (
          <Button
            key={kind}
            variant={index === 0 ? 'filled' : 'default'}
            onClick={() => open({ job: 'add', kind })}
          >
            {t(`empty.add.${kind}`)}
          </Button>
        ))}
        <Button variant="default" loading={demo.isPending} onClick={() => demo.mutate(undefined)}>
          {t('empty.demo')}
        </Button>
      </EmptyState>
      {demo.isError && (
        <FailurePanel failure={failureOf(demo.error)} onRetry={() => demo.mutate(undefined)} />
      )}
    </Panel>
  )
}
