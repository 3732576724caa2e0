import { useTranslation } from 'react-i18next'
import { helmLines } from '../../shared/model/chart.ts'
import type { ArtifactDetail } from '../../shared/model/manifest.ts'
import { printReference, type Reference } from '../../shared/model/reference.ts'
import type { RegistryEntry } from '../../shared/model/registry.ts'
import { CommandLine } from '../parts/command-line.tsx'
import { CopyButton } from '../parts/copy-button.tsx'
import { Fact, Facts } from '../parts/facts.tsx'
import { formatBytes, shortDigest } from '../parts/format.ts'
import { hrefOf } from '../state/route.ts'
import styles from './artifact-overview.module.css'
import { ChartFacts } from './chart-facts.tsx'
import { PlatformList, printPlatform } from './platform-list.tsx'
import { ReferrerList } from './referrer-list.tsx'

interface ArtifactOverviewProps {
  entry: RegistryEntry
  reference: Reference
  detail: ArtifactDetail
}

/** An artifact at a glance: how to get it, what it is, how large, what it was annotated with. */
export function ArtifactOverview({ entry, reference, detail }: ArtifactOverviewProps) {
  const { t, i18n } = useTranslation('registries')
  const bytes = (size: number) => formatBytes(size, i18n.language)
  const lines =
    detail.chart === undefined || reference.tag === undefined
      ? undefined
      : helmLines(reference, detail.chart.version, entry.url.startsWith('http:'))
  const printed = printReference(reference)
  const annotations = Object.entries(detail.annotations)
  return (
    <>
      {lines !== undefined && (
        <div className={styles.lines}>
          <CommandLine command={lines.pull} what={t('detail.pull')} />
          <CommandLine command={lines.install} what={t('detail.install')} />
        </div>
      )}
      <Facts>
        <Fact
          name={t('detail.reference')}
          mono
          copy={<CopyButton value={printed} what={t('detail.reference')} />}
        >
          {printed}
        </Fact>
        <Fact
          name={t('detail.digest')}
          mono
          copy={<CopyButton value={detail.digest} what={t('detail.digest')} />}
        >
          {detail.digest}
        </Fact>
        <Fact name={t('detail.mediaType')} mono>
          {detail.mediaType}
        </Fact>
        {detail.artifactType !== undefined && (
          <Fact name={t('detail.artifactType')} mono>
            {detail.artifactType}
          </Fact>
        )}
        {detail.subject !== undefined && (
          <Fact name={t('detail.subject')} mono>
            <a href={hrefOf('registries', entry.id, detail.repository, detail.subject.digest)}>
              {shortDigest(detail.subject.digest)}
            </a>
          </Fact>
        )}
        <Fact name={t('detail.totalSize')}>
          {bytes(detail.totalSize)}{' '}
          <span className="note">
            {t(detail.kind === 'index' ? 'detail.indexSizeNote' : 'detail.totalSizeNote')}
          </span>
        </Fact>
        <Fact name={t('detail.manifestSize')}>{bytes(detail.manifestSize)}</Fact>
        {detail.created !== undefined && (
          <Fact name={t('detail.created')}>{formatTime(detail.created, i18n.language)}</Fact>
        )}
        {detail.kind !== 'index' &&
          detail.platforms.map(
            ({ platform }) =>
              platform !== undefined && (
                <Fact key={printPlatform(platform)} name={t('detail.platform')}>
                  {printPlatform(platform)}
                </Fact>
              ),
          )}
        {detail.chart !== undefined && <ChartFacts chart={detail.chart} />}
      </Facts>
      {detail.kind === 'index' && detail.platforms.length > 0 && (
        <PlatformList entry={entry} repository={detail.repository} platforms={detail.platforms} />
      )}
      <ReferrerList entry={entry} detail={detail} />
      {annotations.length > 0 && (
        <>
          <h3 className={styles.subtitle}>{t('detail.annotations')}</h3>
          <dl className={styles.annotations}>
            {annotations.map(([key, value]) => (
              <div key={key}>
                <dt className="mono">{key}</dt>
                <dd>{value}</dd>
              </div>
            ))}
          </dl>
        </>
      )}
    </>
  )
}

/** An RFC 3339 time in the reader's words; what is none is shown as it came. */
function formatTime(text: string, language: string): string {
  const time = new Date(text)
  if (Number.isNaN(time.getTime())) return text
  return new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' }).format(time)
}
