import { Button, Select, TextInput } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { Failure } from '../../shared/model/failure.ts'
import { containerdVersionSchema } from '../../shared/model/pull.ts'
import type { RegistryEntry } from '../../shared/model/registry.ts'
import { FailurePanel } from '../parts/failure-panel.tsx'
import { Panel } from '../parts/panel.tsx'
import { HostsField } from './hosts-field.tsx'
import { type PullDraft, platforms } from './pull-draft.ts'
import styles from './pull-form.module.css'

/** True for what was said about a field of the form; everything else is the walk's. */
export function isFieldFailure(failure: Failure): boolean {
  return failure.kind === 'reference-invalid' || failure.kind === 'hosts-invalid'
}

/** What to walk: the image, the node's hosts.toml, and as which containerd. */
export function PullForm({
  draft,
  onChange,
  registries,
  failure,
  walking,
  onWalk,
  onCancel,
}: {
  draft: PullDraft
  onChange: (draft: PullDraft) => void
  registries: readonly RegistryEntry[]
  /** About the reference or the hosts.toml; shown at its field. */
  failure: Failure | undefined
  walking: boolean
  onWalk: () => void
  onCancel: () => void
}) {
  const { t } = useTranslation(['pulls', 'common'])
  const set = (change: Partial<PullDraft>) => onChange({ ...draft, ...change })
  const badReference = failure?.kind === 'reference-invalid' ? failure : undefined
  const badHosts = failure?.kind === 'hosts-invalid' ? failure : undefined
  return (
    <Panel title={t('form.title')}>
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault()
          if (!walking && draft.reference.trim() !== '') onWalk()
        }}
      >
        <div className={styles.fields}>
          <TextInput
            size="sm"
            label={t('form.reference')}
            placeholder={t('form.referencePlaceholder')}
            spellCheck={false}
            autoComplete="off"
            required
            withAsterisk={false}
            maxLength={1000}
            classNames={{ input: styles.mono ?? '' }}
            value={draft.reference}
            error={badReference !== undefined}
            onChange={(event) => set({ reference: event.currentTarget.value })}
          />
          {badReference !== undefined && <FailurePanel failure={badReference} />}
          <div className={styles.choices}>
            <Select
              size="sm"
              label={t('form.platform')}
              allowDeselect={false}
              data={[...platforms]}
              value={draft.platform}
              onChange={(platform) => platform !== null && set({ platform })}
            />
            <Select
              size="sm"
              label={t('form.containerd')}
              allowDeselect={false}
              data={containerdVersionSchema.options.map((value) => ({
                value,
                label: t('form.containerdVersion', { version: value }),
              }))}
              value={draft.containerd}
              onChange={(chosen) => set({ containerd: containerdVersionSchema.parse(chosen) })}
            />
          </div>
          <Select
            size="sm"
            label={t('form.registry')}
            clearable
            placeholder={t('form.anonymous')}
            clearButtonProps={{ 'aria-label': t('form.anonymous') }}
            data={registries.map(({ id, name }) => ({ value: id, label: name }))}
            value={draft.registryId ?? null}
            onChange={(id) => set({ registryId: id ?? undefined })}
          />
          <div className={styles.actions}>
            {walking ? (
              <Button variant="default" onClick={onCancel}>
                {t('common:cancel')}
              </Button>
            ) : (
              <Button type="submit" disabled={draft.reference.trim() === ''}>
                {t('form.walk')}
              </Button>
            )}
          </div>
        </div>
        <div className={styles.hosts}>
          <HostsField
            value={draft.hostsToml}
            invalid={badHosts !== undefined}
            onChange={(hostsToml) => set({ hostsToml })}
          />
          {badHosts !== undefined && <FailurePanel failure={badHosts} />}
        </div>
      </form>
    </Panel>
  )
}
