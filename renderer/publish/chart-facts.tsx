import { Fragment, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { type ChartFile, tagOfVersion } from '../../shared/model/chart.ts'
import { CopyButton } from '../parts/copy-button.tsx'
import { formatBytes, formatCount, shortDigest } from '../parts/format.ts'
import { Panel } from '../parts/panel.tsx'
import styles from './facts.module.css'

/** What was read from the file. */
export function ChartFacts({ chart }: { chart: ChartFile }) {
  const { t, i18n } = useTranslation('publish')
  const { metadata } = chart
  const tag = tagOfVersion(metadata.version)
  const dependencies = metadata.dependencies ?? []
  const facts: [name: string, value: ReactNode][] = [
    [t('chart.file'), chart.fileName],
    [t('chart.size'), formatBytes(chart.size, i18n.language)],
    [t('chart.entries'), formatCount(chart.entries, i18n.language)],
    [t('chart.apiVersion'), metadata.apiVersion],
    ...(metadata.type === undefined ? [] : [[t('chart.type'), metadata.type] satisfies [string, string]]),
    ...(metadata.kubeVersion === undefined
      ? []
      : [[t('chart.kubeVersion'), metadata.kubeVersion] satisfies [string, string]]),
    [
      t('chart.tag'),
      <Fragment key="tag">
        {tag}
        {tag !== metadata.version && <span className={styles.note}>{t('chart.tagNote')}</span>}
      </Fragment>,
    ],
    [
      t('chart.dependencies'),
      dependencies.length === 0
        ? t('chart.none')
        : dependencies.map((each) => [each.name, each.version].join(' ').trim()).join(', '),
    ],
    [
      t('chart.digest'),
      <span key="digest" className={styles.digest}>
        <code className="mono" title={chart.digest}>
          {shortDigest(chart.digest)}
        </code>
        <CopyButton value={chart.digest} what={t('chart.copyDigest')} />
      </span>,
    ],
  ]
  return (
    <Panel title={t('chart.title')}>
      <dl className={styles.facts}>
        {facts.map(([name, value]) => (
          <div key={name} className={styles.fact}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </Panel>
  )
}
