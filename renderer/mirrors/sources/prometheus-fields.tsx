import { Group, TextInput } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { FormPart } from './form-part.ts'

/** Which Prometheus, and what of it. */
export function PrometheusFields({ fields, shown, set }: FormPart) {
  const { t } = useTranslation('sources')
  return (
    <>
      <TextInput
        label={t('prometheus.url')}
        description={t('prometheus.urlHint')}
        placeholder="https://prometheus.example"
        data-autofocus
        autoComplete="off"
        spellCheck={false}
        maxLength={2000}
        value={fields.url}
        error={shown.url && t('problem.url')}
        onChange={(event) => set({ url: event.currentTarget.value })}
      />
      <Group grow align="flex-start">
        <TextInput
          label={t('prometheus.matchers')}
          description={t('prometheus.matchersHint')}
          placeholder={'cluster="prod", job="spegel"'}
          classNames={{ input: 'mono' }}
          autoComplete="off"
          spellCheck={false}
          maxLength={2000}
          value={fields.matchers}
          onChange={(event) => set({ matchers: event.currentTarget.value })}
        />
        <TextInput
          label={t('prometheus.tenant')}
          description={t('prometheus.tenantHint')}
          autoComplete="off"
          spellCheck={false}
          maxLength={500}
          value={fields.tenant}
          onChange={(event) => set({ tenant: event.currentTarget.value })}
        />
      </Group>
    </>
  )
}
