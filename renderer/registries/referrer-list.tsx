import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import type { ArtifactDetail, Descriptor } from '../../shared/model/manifest.ts'
import type { RegistryEntry } from '../../shared/model/registry.ts'
import { formatBytes, formatCount, shortDigest } from '../parts/format.ts'
import { StatusBadge } from '../parts/status-badge.tsx'
import { hrefOf } from '../state/route.ts'
import { useWire } from '../state/wire.tsx'
import overview from './artifact-overview.module.css'
import { purposeOf } from './referrer-purpose.ts'
import styles from './referrer-list.module.css'

/** As many as are drawn; what is left out is said. */
const shownAtMost = 100

/** What refers to a manifest: signatures, SBOMs, provenance. Nothing is shown where nothing does. */
export function ReferrerList({ entry, detail }: { entry: RegistryEntry; detail: ArtifactDetail }) {
  const { t, i18n } = useTranslation('registries')
  const { query } = useWire()
  const { repository, digest } = detail
  const referrers = useQuery(
    query.registries.referrers.queryOptions({ input: { id: entry.id, repository, digest } }),
  )
  if (referrers.isError) return <p className="note">{t('referrers.failed')}</p>
  if (!referrers.isSuccess || referrers.data.descriptors.length === 0) return null
  const { descriptors, from } = referrers.data
  const left = descriptors.length - shownAtMost
  return (
    <section aria-label={t('referrers.title')}>
      <h3 className={overview.subtitle}>{t('referrers.title')}</h3>
      {from === 'tag' && <p className="note">{t('referrers.fromTag')}</p>}
      <ul className={styles.referrers}>
        {descriptors.slice(0, shownAtMost).map((descriptor) => (
          <Referrer
            key={descriptor.digest}
            href={hrefOf('registries', entry.id, repository, descriptor.digest)}
            descriptor={descriptor}
          />
        ))}
      </ul>
      {left > 0 && (
        <p className="note">
          {t('referrers.more', { count: left, formatted: formatCount(left, i18n.language) })}
        </p>
      )}
    </section>
  )
}

function Referrer({ href, descriptor }: { href: string; descriptor: Descriptor }) {
  const { t, i18n } = useTranslation('registries')
  const type = descriptor.artifactType ?? descriptor.mediaType
  const purpose = purposeOf(type)
  const annotations = Object.entries(descriptor.annotations ?? {})
  return (
    <li className={styles.referrer}>
      <div className={styles.line}>
        <a className={styles.type} href={href}>
          {type}
        </a>
        {purpose !== undefined && <StatusBadge>{t(`referrers.purposes.${purpose}`)}</StatusBadge>}
        <span className="mono">{shortDigest(descriptor.digest)}</span>
        <span className={styles.size}>{formatBytes(descriptor.size, i18n.language)}</span>
      </div>
      {annotations.length > 0 && (
        <dl className={styles.annotations}>
          {annotations.map(([key, value]) => (
            <div key={key}>
              <dt className="mono">{key}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      )}
    </li>
  )
}
