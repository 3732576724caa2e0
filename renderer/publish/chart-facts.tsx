import { useTranslation } from 'react-i18next'
import { type ChartFile, tagOfVersion } from '../../shared/model/chart.ts'
import { CopyButton } from '../parts/copy-button.tsx'
import { Fact, Facts } from '../parts/facts.tsx'
import { formatBytes, formatCount, shortDigest } from '../parts/format.ts'
import { Panel } from '../parts/panel.tsx'
import styles from './chart-facts.module.css'

/** What was read from the file. */
export function ChartFacts({ chart }: { chart: ChartFile }) {
  const { t, i18n } = useTranslation('publish')
  const { metadata } = chart
  const tag = tagOfVersion(metadata.version)
  const dependencies = metadata.dependencies ?? []
  return (
    <Panel title={t('chart.title')}>
      <Facts>
        <Fact name={t('chart.file')}>
          {chart.fileName}
          {chart.source === 'folder' && <span className={styles.note}>{t('chart.packaged')}</span>}
        </Fact>
        {chart.provenance !== undefined && (
          <Fact name={t('chart.provenance')}>{chart.provenance.fileName}</Fact>
        )}
        <Fact name={t('chart.size')}>{formatBytes(chart.size, i18n.language)}</Fact>
        <Fact name={t('chart.entries')}>{formatCount(chart.entries, i18n.language)}</Fact>
        <Fact name={t('chart.apiVersion')}>{metadata.apiVersion}</Fact>
        {metadata.type !== undefined && <Fact name={t('chart.type')}>{metadata.type}</Fact>}
        {metadata.kubeVersion !== undefined && (
          <Fact name={t('chart.kubeVersion')}>{metadata.kubeVersion}</Fact>
        )}
        <Fact name={t('chart.tag')}>
          {tag}
          {tag !== metadata.version && <span className={styles.note}>{t('chart.tagNote')}</span>}
        </Fact>
        <Fact name={t('chart.dependencies')}>
          {dependencies.length === 0
            ? t('chart.none')
            : dependencies.map((each) => [each.name, each.version].join(' ').trim()).join(', ')}
        </Fact>
        <Fact
          name={t('chart.digest')}
          mono
          copy={<CopyButton value={chart.digest} what={t('chart.copyDigest')} />}
        >
          <span title={chart.digest}>{shortDigest(chart.digest)}</span>
        </Fact>
      </Facts>
    </Panel>
  )
}
