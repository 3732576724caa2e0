import { Button, SegmentedControl, Select, Skeleton } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useId } from 'react'
import { useTranslation } from 'react-i18next'
import { type Capabilities, type Settings, settingsSchema } from '../../shared/model/settings.ts'
import { switchModes } from '../../shared/model/upload.ts'
import { FailurePanel } from '../parts/failure-panel.tsx'
import { Panel } from '../parts/panel.tsx'
import { Screen } from '../parts/screen.tsx'
import { StatusMark } from '../parts/status-mark.tsx'
import { useStartDemo, useStopDemo } from '../state/demo.ts'
import { failureOf } from '../state/failure-of.ts'
import { useWire } from '../state/wire.tsx'
import { type NumberName, NumberSetting } from './number-setting.tsx'
import styles from './settings-screen.module.css'

/** What the user decides once. Every change is saved as it is made. */
export function SettingsScreen() {
  const { t } = useTranslation(['settings', 'shell'])
  const { query } = useWire()
  const queries = useQueryClient()
  const settings = useQuery(query.settings.get.queryOptions())
  const capabilities = useQuery(query.host.capabilities.queryOptions())
  const update = useMutation(
    query.settings.update.mutationOptions({
      onSuccess: (saved) => queries.setQueryData(query.settings.get.queryKey(), saved),
    }),
  )
  const error = settings.error ?? capabilities.error ?? update.error
  return (
    <Screen
      title={t('shell:screens.settings')}
      foot={t('saved')}
      footEnd={capabilities.isSuccess && `${t('version')} ${capabilities.data.version}`}
    >
      <div className={styles.column}>
        {error !== null && (
          <FailurePanel
            failure={failureOf(error)}
            onRetry={() => {
              update.reset()
              void settings.refetch()
              void capabilities.refetch()
            }}
          />
        )}
        {settings.isSuccess && capabilities.isSuccess ? (
          <>
            <Choices settings={settings.data} onChange={update.mutate} />
            <Surroundings capabilities={capabilities.data} />
          </>
        ) : (
          error === null &&
          [150, 160, 110, 100].map((height) => <Skeleton key={height} height={height} radius={10} />)
        )}
      </div>
    </Screen>
  )
}

function Choices({
  settings,
  onChange,
}: {
  settings: Settings
  onChange: (change: Partial<Settings>) => void
}) {
  const { t } = useTranslation('settings')
  const numberOf = (name: NumberName) => (
    <Choice name={t(name)} note={t(`numberMeanings.${name}`)}>
      {(labelled) => (
        <NumberSetting
          key={settings[name]}
          labelled={labelled}
          name={name}
          saved={settings[name]}
          onSave={onChange}
        />
      )}
    </Choice>
  )
  return (
    <>
      <Panel title={t('appearance')}>
        <Choice name={t('theme')}>
          {(labelled) => (
            <SegmentedControl
              aria-labelledby={labelled}
              value={settings.theme}
              onChange={(theme) => onChange({ theme })}
              data={(['system', 'light', 'dark'] as const).map((value) => ({
                value,
                label: t(`themes.${value}`),
              }))}
            />
          )}
        </Choice>
        <Choice name={t('language')}>
          {(labelled) => (
            <Select
              aria-labelledby={labelled}
              w={180}
              value={settings.language}
              allowDeselect={false}
              onChange={(value) => {
                const language = settingsSchema.shape.language.safeParse(value)
                if (language.success) onChange({ language: language.data })
              }}
              data={(['system', 'en', 'zh-CN'] as const).map((value) => ({
                value,
                label: t(`languages.${value}`),
              }))}
            />
          )}
        </Choice>
      </Panel>
      <Panel title={t('publishing')}>
        <Choice name={t('uploadMode')} note={t(`uploadMeanings.${settings.uploadMode}`)}>
          {(labelled) => (
            <SegmentedControl
              aria-labelledby={labelled}
              value={settings.uploadMode}
              onChange={(uploadMode) => onChange({ uploadMode })}
              data={[...new Set([...switchModes, settings.uploadMode])].map((value) => ({
                value,
                label: t(`uploadModes.${value}`),
              }))}
            />
          )}
        </Choice>
        {numberOf('bufferMebibytes')}
      </Panel>
      <Panel title={t('registries')}>
        {numberOf('cacheMebibytes')}
        {numberOf('requestsPerRegistry')}
        {numberOf('manifestMebibytes')}
      </Panel>
      <Panel title={t('mirrors')}>{numberOf('scrapeSeconds')}</Panel>
    </>
  )
}

function Surroundings({ capabilities }: { capabilities: Capabilities }) {
  const { t } = useTranslation(['settings', 'shell'])
  const startDemo = useStartDemo()
  const stopDemo = useStopDemo()
  const { secrets, demo } = capabilities
  return (
    <>
      <Panel title={t('secrets')}>
        <div className={styles.secrets}>
          <StatusMark tone={secrets === 'os' ? 'ok' : secrets === 'plain' ? 'warn' : 'neutral'} />
          <div>
            <strong>{t(`secretsTitle.${secrets}`)}</strong>
            <div className={styles.meaning}>{t(`secretsMeaning.${secrets}`)}</div>
          </div>
        </div>
      </Panel>
      <Panel title={t('demo')}>
        <Choice name={t(demo ? 'demoOn' : 'demoOff')}>
          {() =>
            demo ? (
              <Button
                variant="default"
                loading={stopDemo.isPending}
                onClick={() => stopDemo.mutate(undefined)}
              >
                {t('shell:stopDemo')}
              </Button>
            ) : (
              <Button
                variant="default"
                loading={startDemo.isPending}
                onClick={() => startDemo.mutate(undefined)}
              >
                {t('shell:tryDemo')}
              </Button>
            )
          }
        </Choice>
      </Panel>
    </>
  )
}

/** One line: what is decided, what it means, and the control; the control is labelled by the name's id. */
function Choice(props: { name: string; note?: string; children: (labelled: string) => ReactNode }) {
  const id = useId()
  return (
    <div className={styles.choice}>
      <div>
        <div id={id}>{props.name}</div>
        {props.note !== undefined && <div className={styles.meaning}>{props.note}</div>}
      </div>
      {props.children(id)}
    </div>
  )
}
