import { useTranslation } from 'react-i18next'
import type { ArtifactDetail, Descriptor } from '../../shared/model/manifest.ts'
import { CopyButton } from '../parts/copy-button.tsx'
import { formatBytes } from '../parts/format.ts'
import styles from './artifact-layers.module.css'

/** The blobs a manifest names: its config, then its layers in order. */
export function ArtifactLayers({ detail }: { detail: ArtifactDetail }) {
  const { t } = useTranslation('registries')
  return (
    <>
      {detail.config !== undefined && <Blob name={t('detail.config')} descriptor={detail.config} />}
      {detail.layers.length === 0 && <p className="note">{t('detail.noLayers')}</p>}
      <ol className={styles.layers}>
        {detail.layers.map((layer, index) => (
          // a manifest may name the same blob twice
          <li key={`${index} ${layer.digest}`}>
            <Blob name={String(index + 1)} descriptor={layer} />
          </li>
        ))}
      </ol>
    </>
  )
}

function Blob({ name, descriptor }: { name: string; descriptor: Descriptor }) {
  const { t, i18n } = useTranslation('registries')
  const title = descriptor.annotations?.['org.opencontainers.image.title']
  return (
    <div className={styles.blob}>
      <div className={styles.line}>
        <strong>{name}</strong>
        {title !== undefined && <span className={styles.title}>{title}</span>}
        <span className={styles.size}>{formatBytes(descriptor.size, i18n.language)}</span>
        <CopyButton value={descriptor.digest} what={t('detail.digest')} />
      </div>
      <div className={`mono ${styles.digest}`}>{descriptor.digest}</div>
      <div className={`mono ${styles.type}`}>{descriptor.mediaType}</div>
    </div>
  )
}
