import { Button } from '@mantine/core'
import { IconCircleCheck } from '@tabler/icons-react'
import { Fragment } from 'react'
import { useTranslation } from 'react-i18next'
import { argoApplication, fluxManifests } from '../../shared/model/chart-snippets.ts'
import { helmLines } from '../../shared/model/chart.ts'
import { parseReference } from '../../shared/model/reference.ts'
import type { PublishResult } from '../../shared/model/upload.ts'
import { CopyButton } from '../parts/copy-button.tsx'
import { Fact, Facts } from '../parts/facts.tsx'
import { formatBytes } from '../parts/format.ts'
import { Panel } from '../parts/panel.tsx'
import { hrefOf } from '../state/route.ts'
import type { Upload } from '../state/uploads.ts'
import styles from './published-panel.module.css'
import { Snippet } from './snippet.tsx'

/** What is in the registry now, verified, and the lines that bring it back with helm. */
export function PublishedPanel({ upload, result }: { upload: Upload; result: PublishResult }) {
  const { t, i18n } = useTranslation('publish')
  const reference = parseReference(result.reference)
  const lines = helmLines(reference, result.version, result.plainHttp)
  const chart = { reference, version: result.version, plainHttp: result.plainHttp }
  const size = [
    formatBytes(result.size, i18n.language),
    ...(result.strategy === undefined
      ? []
      : [t('done.sentAs', { mode: t(`progress.modeName.${result.strategy}`) })]),
    ...(result.skipped > 0 ? [t('done.skipped', { count: result.skipped })] : []),
  ].join(' · ')
  return (
    <Panel aria-label={t('done.title')} className={styles.panel}>
      <div className={styles.head}>
        <IconCircleCheck size={20} className={styles.icon} aria-hidden />
        <div role="status">
          <h3 className={styles.title}>{t('done.title')}</h3>
          <p className={styles.meaning}>{t('done.meaning')}</p>
        </div>
        {upload.target !== undefined && (
          <Button
            component="a"
            variant="default"
            className={styles.show}
            href={hrefOf(
              'registries',
              upload.target.registryId,
              reference.repository,
              reference.tag ?? result.digest,
            )}
          >
            {t('done.show')}
          </Button>
        )}
      </div>
      <Facts>
        <Line name="reference" value={result.reference} />
        <Line name="digest" value={result.digest} />
        <Fact name={t('done.size')}>{size}</Fact>
        <Line name="pull" value={lines.pull} />
        <Line name="install" value={lines.install} />
        <Line name="template" value={lines.template} />
        <Snippet name={t('done.argo')} what={t('done.argoMeaning')} text={argoApplication(chart)} />
        <Snippet name={t('done.flux')} what={t('done.fluxMeaning')} text={fluxManifests(chart)} />
      </Facts>
      {isLoopback(reference.registry) && <p className="note">{t('done.loopback')}</p>}
    </Panel>
  )
}

function isLoopback(registry: string): boolean {
  return /^(?:localhost|127(?:\.\d+){3}|\[::1\])(?::\d+)?$/.test(registry)
}

function Line({
  name,
  value,
}: {
  name: 'reference' | 'digest' | 'pull' | 'install' | 'template'
  value: string
}) {
  const { t } = useTranslation('publish')
  const title = t(`done.${name}`)
  return (
    <Fact name={title} copy={<CopyButton value={value} what={title} />}>
      <code className="mono">
        <Words text={value} />
      </code>
    </Fact>
  )
}

/** Text that breaks between its words only, not at a hyphen of an option; a word longer than the line breaks anywhere. */
function Words({ text }: { text: string }) {
  return text.split(' ').map((word, index) => (
    <Fragment key={`${index} ${word}`}>
      {index > 0 && ' '}
      <span className={styles.word}>{word}</span>
    </Fragment>
  ))
}
