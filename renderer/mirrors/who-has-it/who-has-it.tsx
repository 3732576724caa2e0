import { Button, Select, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { FailurePanel } from '../../parts/failure-panel.tsx'
import { formatCount } from '../../parts/format.ts'
import { Panel } from '../../parts/panel.tsx'
import { useMirrorOptions } from '../../state/mirrors-provider.tsx'
import { useWire } from '../../state/wire.tsx'
import { ContentMatrix } from './content-matrix.tsx'
import { ContentSummary } from './content-summary.tsx'
import { useContentMap } from './use-content-map.ts'
import styles from './who-has-it.module.css'

/** For one image: which node has which part of it, and what a pull on each would move. */
export function WhoHasIt({ sources }: { sources: readonly string[] | undefined }) {
  const { t, i18n } = useTranslation(['content', 'common'])
  const { query } = useWire()
  const registries = useQuery(query.registries.list.queryOptions())
  // kept above the screen: another view of it, or an artifact, leads back here
  const reference = useMirrorOptions((options) => options.image)
  const registryId = useMirrorOptions((options) => options.registryId)
  const set = useMirrorOptions((options) => options.set)
  const { asking, ask, cancel } = useContentMap()
  const isAsking = asking?.status === 'asking'
  const map = asking?.map

  const start = (platform?: string) => {
    if (reference.trim() === '') return
    void ask({
      reference: reference.trim(),
      ...(platform === undefined ? {} : { platform }),
      ...(registryId === undefined ? {} : { registryId }),
      ...(sources === undefined ? {} : { sources: [...sources] }),
    })
  }
  const count = (value: number) => formatCount(value, i18n.language)
  return (
    <div className={styles.all}>
      <Panel aria-label={t('form.label')} className={styles.question}>
        <form
          className={styles.form}
          onSubmit={(event) => {
            event.preventDefault()
            start()
          }}
        >
          <TextInput
            size="sm"
            className={styles.reference ?? ''}
            label={t('form.reference')}
            placeholder={t('form.placeholder')}
            spellCheck={false}
            autoComplete="off"
            maxLength={1000}
            classNames={{ input: styles.mono ?? '' }}
            value={reference}
            onChange={(event) => set({ image: event.currentTarget.value })}
          />
          <Select
            size="sm"
            label={t('form.registry')}
            clearable
            placeholder={t('form.anonymous')}
            clearButtonProps={{ 'aria-label': t('form.anonymous') }}
            data={(registries.data ?? []).map(({ id, name }) => ({ value: id, label: name }))}
            value={registryId ?? null}
            onChange={(id) => set({ registryId: id ?? undefined })}
          />
          {map !== undefined && map.platforms.length > 0 && (
            <Select
              size="sm"
              label={t('form.platform')}
              allowDeselect={false}
              disabled={isAsking}
              data={map.platforms}
              value={map.platform ?? null}
              onChange={(platform) => platform !== null && start(platform)}
            />
          )}
          {isAsking ? (
            <Button variant="default" onClick={cancel}>
              {t('common:cancel')}
            </Button>
          ) : (
            <Button type="submit" disabled={reference.trim() === ''}>
              {t('form.ask')}
            </Button>
          )}
        </form>
        <p className={styles.note} role="status">
          {isAsking
            ? asking.progress === undefined
              ? t('asking.manifest')
              : t('asking.nodes', { asked: count(asking.progress.asked), of: count(asking.progress.of) })
            : asking?.status === 'cancelled'
              ? t('asking.cancelled')
              : t('form.note')}
        </p>
      </Panel>
      {asking?.failure !== undefined && <FailurePanel failure={asking.failure} onRetry={() => start()} />}
      {map !== undefined && asking?.failure === undefined && (
        <Panel flush className={styles.answer} aria-label={t('summary.label')} aria-busy={isAsking}>
          <ContentSummary map={map} />
          <ContentMatrix map={map} />
        </Panel>
      )}
    </div>
  )
}
