import { useTranslation } from 'react-i18next'
import type { ArtifactDetail, Platform } from '../../shared/model/manifest.ts'
import type { RegistryEntry } from '../../shared/model/registry.ts'
import { formatBytes, shortDigest } from '../parts/format.ts'
import { hrefOf } from '../state/route.ts'
import overview from './artifact-overview.module.css'
import styles from './platform-list.module.css'

interface PlatformListProps {
  entry: RegistryEntry
  repository: string
  platforms: ArtifactDetail['platforms']
}

/** The manifests of an index by platform; each opens by its digest. */
export function PlatformList({ entry, repository, platforms }: PlatformListProps) {
  const { t, i18n } = useTranslation('registries')
  return (
    <>
      <h3 className={overview.subtitle}>{t('detail.platforms')}</h3>
      <ul className={styles.platforms}>
        {platforms.map(({ platform, descriptor }) => (
          <li key={descriptor.digest}>
            <a href={hrefOf('registries', entry.id, repository, descriptor.digest)}>
              {platform === undefined ? t('detail.unknownPlatform') : printPlatform(platform)}
            </a>
            <span className="mono">{shortDigest(descriptor.digest)}</span>
            <span className={styles.size}>{formatBytes(descriptor.size, i18n.language)}</span>
          </li>
        ))}
      </ul>
    </>
  )
}

/** `linux/arm64/v8`, as docker and containerd write it. */
export function printPlatform({ os, architecture, variant }: Platform): string {
  return [os, architecture, ...(variant === undefined ? [] : [variant])].join('/')
}
