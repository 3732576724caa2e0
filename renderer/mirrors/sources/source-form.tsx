import { Button, Group, NumberInput, SegmentedControl, Stack, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { SourceDraft, SourceEntry } from '../../../shared/model/mirror-source.ts'
import { FailurePanel } from '../../parts/failure-panel.tsx'
import { TlsSection } from '../../parts/tls-section.tsx'
import { failureOf } from '../../state/failure-of.ts'
import { useClusters } from '../../state/mirrors-provider.tsx'
import { goTo } from '../../state/route.ts'
import type { SourceKind } from '../../state/source-dialog.ts'
import { useWire } from '../../state/wire.tsx'
import { AgentsFields } from './agents-fields.tsx'
import { CredentialFields } from './credential-fields.tsx'
import { KubernetesFields, useContexts } from './kubernetes-fields.tsx'
import { PrometheusFields } from './prometheus-fields.tsx'
import {
  isSecure,
  keepsSecret,
  sourceDraftOf,
  type SourceFields,
  sourceFieldsOf,
  suggestedName,
  withContext,
} from './source-fields.ts'
import styles from './source-form.module.css'
import { SourceTest } from './source-test.tsx'

const kinds = ['kubernetes', 'prometheus', 'agents'] as const

/** Adds or edits a source. What was typed stays whatever goes wrong. */
export function SourceForm({
  entry,
  kind,
  onDone,
}: {
  /** To edit; undefined for a new one. */
  entry: SourceEntry | undefined
  /** Of a new one, to begin with. */
  kind: SourceKind
  onDone: () => void
}) {
  const { t } = useTranslation(['sources', 'common'])
  const { client, query } = useWire()
  const queries = useQueryClient()
  const choose = useClusters((state) => state.choose)
  const [typed, setTyped] = useState<SourceFields>(() => sourceFieldsOf(entry, kind))
  // nobody is corrected while still typing
  const [checked, setChecked] = useState(false)
  const contexts = useContexts(typed.kubeconfig, typed.kind === 'kubernetes')
  const fields = withContext(typed, contexts.data)

  const test = useMutation(query.mirrors.testSource.mutationOptions())
  const save = useMutation({
    mutationFn: (draft: SourceDraft) =>
      entry === undefined
        ? client.mirrors.addSource(draft)
        : client.mirrors.updateSource({ id: entry.id, draft }),
    onSuccess: async (saved) => {
      // what a source is still being asked must not hold this dialog open, so only the list is waited for
      await queries.invalidateQueries({ queryKey: query.mirrors.sources.key() })
      if (entry === undefined) choose(saved.id)
      goTo('mirrors')
      onDone()
    },
  })
  const agentsName = t('agents.name')
  const { draft, problems } = sourceDraftOf(fields, { entry, agentsName })
  const shown = checked ? problems : {}
  const set = (change: Partial<SourceFields>) => {
    setTyped((before) => ({ ...before, ...change }))
    test.reset()
  }
  const withDraft = (job: (valid: SourceDraft) => void) => {
    setChecked(true)
    if (draft !== undefined) job(draft)
  }
  const part = { fields, shown, set, onLeave: () => setChecked(true) }
  return (
    <form
      noValidate
      onSubmit={(event: FormEvent) => {
        event.preventDefault()
        withDraft((valid) => save.mutate(valid))
      }}
    >
      <Stack gap={12}>
        {entry === undefined && (
          <SegmentedControl
            fullWidth
            aria-label={t('kind.label')}
            value={fields.kind}
            onChange={(chosen) => {
              setChecked(false)
              set({ kind: chosen })
            }}
            data={kinds.map((value) => ({ value, label: t(`kind.${value}`) }))}
          />
        )}
        {fields.kind === 'agents' && <AgentsFields {...part} />}
        {fields.kind === 'kubernetes' && <KubernetesFields {...part} contexts={contexts} />}
        {fields.kind === 'prometheus' && <PrometheusFields {...part} />}
        <Group grow align="flex-start">
          <TextInput
            label={t('name')}
            placeholder={suggestedName(fields, agentsName)}
            value={fields.name}
            error={shown.name && t('problem.name')}
            maxLength={100}
            autoComplete="off"
            onChange={(event) => set({ name: event.currentTarget.value })}
          />
          {/* a cluster's mirrors are asked through its API server */}
          {fields.kind !== 'kubernetes' && (
            <NumberInput
              label={t('mirrorPort.label')}
              description={t('mirrorPort.hint')}
              inputWrapperOrder={['label', 'input', 'description', 'error']}
              min={1}
              max={65_535}
              hideControls
              thousandSeparator=""
              value={fields.mirrorPort}
              error={shown.mirrorPort && t('problem.mirrorPort')}
              onChange={(mirrorPort) => set({ mirrorPort })}
            />
          )}
        </Group>
        {fields.kind !== 'kubernetes' && <CredentialFields {...part} kept={keepsSecret(fields, entry)} />}
        {isSecure(fields) && (
          <TlsSection
            of="source"
            kept={entry?.tls}
            fields={fields.tls}
            onChange={(change) => set({ tls: { ...fields.tls, ...change } })}
          />
        )}
        {test.data !== undefined && <SourceTest state={test.data} />}
        {test.error !== null && <FailurePanel failure={failureOf(test.error)} />}
        {save.error !== null && <FailurePanel failure={failureOf(save.error)} />}
        <Group justify="space-between" className={styles.actions ?? ''}>
          <Button
            variant="default"
            loading={test.isPending}
            onClick={() =>
              withDraft((valid) =>
                test.mutate({ draft: valid, ...(entry === undefined ? {} : { id: entry.id }) }),
              )
            }
          >
            {t('test.button')}
          </Button>
          <Group gap={8}>
            <Button variant="default" onClick={onDone}>
              {t('common:cancel')}
            </Button>
            <Button type="submit" loading={save.isPending}>
              {entry === undefined ? t('save') : t('common:save')}
            </Button>
          </Group>
        </Group>
      </Stack>
    </form>
  )
}
