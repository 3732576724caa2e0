import { SegmentedControl } from '@mantine/core'
import { lazy, Suspense, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { ArtifactDetail } from '../../shared/model/manifest.ts'
import { CopyButton } from '../parts/copy-button.tsx'
import styles from './artifact-manifest.module.css'

const JsonView = lazy(async () => ({ default: (await import('../parts/json-view.tsx')).JsonView }))

/** The manifest's text: laid out to read, or byte for byte as the registry sent it. */
export function ArtifactManifest({ detail }: { detail: ArtifactDetail }) {
  const { t } = useTranslation('registries')
  const [layout, setLayout] = useState<'formatted' | 'asSent'>('formatted')
  const formatted = useMemo(() => laidOut(detail.raw), [detail.raw])
  const text = layout === 'formatted' ? formatted : detail.raw
  return (
    <div className={styles.manifest}>
      <div className={styles.head}>
        <SegmentedControl
          value={layout}
          onChange={setLayout}
          aria-label={t('detail.manifest')}
          data={(['formatted', 'asSent'] as const).map((value) => ({ value, label: t(`detail.${value}`) }))}
        />
        <CopyButton value={text} what={t('detail.manifest')} />
      </div>
      <Suspense fallback={<div className={styles.waiting} aria-busy="true" />}>
        <JsonView text={text} label={t('detail.manifestText', { reference: detail.asked })} />
      </Suspense>
    </div>
  )
}

function laidOut(raw: string): string {
  try {
    return JSON.stringify(JSON.parse(raw), null, 2)
  } catch {
    return raw
  }
}
