import { Button, Group, Modal, PasswordInput, SegmentedControl, Stack, Text, TextInput } from '@mantine/core'
import { IconCheck } from '@tabler/icons-react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { type CredentialDraft, type RegistryEntry, registryDraftSchema } from '../../shared/model/registry.ts'
import { FailurePanel } from '../parts/failure-panel.tsx'
import { tlsDraftOf, type TlsFields, tlsFieldsOf } from '../parts/tls-draft.ts'
import { TlsSection } from '../parts/tls-section.tsx'
import { failureOf } from '../state/failure-of.ts'
import { useRegistryDialog } from '../state/registry-dialog.tsx'
import { goTo } from '../state/route.ts'
import { useWire } from '../state/wire.tsx'
import { CertificateButton } from './certificate-button.tsx'
import { RemoveRegistry } from './remove-registry.tsx'
import { TestResult } from './test-result.tsx'

/** The one dialog about a saved registry: add, edit or remove, as whoever opened it said. */
export function RegistryDialog() {
  const { t } = useTranslation(['registries', 'common'])
  const { subject, open } = useRegistryDialog()
  const close = () => open(undefined)
  const title =
    subject === undefined
      ? ''
      : subject.job === 'add'
        ? t('dialog.addTitle')
        : t(subject.job === 'edit' ? 'dialog.editTitle' : 'dialog.removeTitle', { name: subject.entry.name })
  return (
    <Modal
      opened={subject !== undefined}
      onClose={close}
      title={<Text fw={650}>{title}</Text>}
      size={500}
      closeButtonProps={{ 'aria-label': t('common:close') }}
    >
      {subject?.job === 'add' && <RegistryForm entry={undefined} onDone={close} />}
      {subject?.job === 'edit' && <RegistryForm entry={subject.entry} onDone={close} />}
      {subject?.job === 'remove' && <RemoveRegistry entry={subject.entry} onDone={close} />}
    </Modal>
  )
}

interface Fields {
  name: string
  url: string
  source: CredentialDraft['source']
  username: string
  password: string
  tls: TlsFields
}

type FieldProblem = Partial<Record<keyof Fields, string>>

function RegistryForm({ entry, onDone }: { entry: RegistryEntry | undefined; onDone: () => void }) {
  const { t } = useTranslation(['registries', 'common'])
  const { query } = useWire()
  const queries = useQueryClient()
  const [fields, setFields] = useState<Fields>({
    name: entry?.name ?? '',
    url: entry?.url ?? '',
    source: entry?.credential.source ?? 'anonymous',
    username: entry?.credential.username ?? '',
    password: '',
    tls: tlsFieldsOf(entry?.tls),
  })
  const [checked, setChecked] = useState(false)
  const keepsSecret = entry?.credential.source === 'password' && entry.credential.hasSecret

  const test = useMutation(query.registries.test.mutationOptions())
  const onSaved = async (saved: RegistryEntry) => {
    // what another registry is still being asked must not hold this dialog open, so only the list is waited for
    await queries.invalidateQueries({ queryKey: query.registries.list.key() })
    if (entry !== undefined) void queries.invalidateQueries({ queryKey: query.registries.key() })
    goTo('registries', saved.id)
    onDone()
  }
  const add = useMutation(query.registries.add.mutationOptions({ onSuccess: onSaved }))
  const update = useMutation(query.registries.update.mutationOptions({ onSuccess: onSaved }))

  const parsed = registryDraftSchema.safeParse(draftOf(fields))
  const problems: FieldProblem = {}
  if (fields.name.trim() === '') problems.name = t('dialog.nameMissing')
  if (!registryDraftSchema.shape.url.safeParse(addressOf(fields.url)).success)
    problems.url = t('dialog.urlInvalid')
  if (fields.source === 'password') {
    if (fields.username === '') problems.username = t('dialog.usernameMissing')
    if (fields.password === '' && !keepsSecret) problems.password = t('dialog.passwordMissing')
  }
  const draft = parsed.success && Object.keys(problems).length === 0 ? parsed.data : undefined
  const shown = checked ? problems : {}
  const secure = /^https:/i.test(addressOf(fields.url))

  const set = (change: Partial<Fields>) => {
    setFields((before) => ({ ...before, ...change }))
    test.reset()
  }
  const withDraft = (job: (valid: NonNullable<typeof draft>) => void) => {
    setChecked(true)
    if (draft !== undefined) job(draft)
  }
  const save = (event: FormEvent) => {
    event.preventDefault()
    withDraft((valid) =>
      entry === undefined ? add.mutate(valid) : update.mutate({ id: entry.id, draft: valid }),
    )
  }
  const saving = add.isPending || update.isPending
  const savingError = add.error ?? update.error

  return (
    <form onSubmit={save} noValidate>
      <Stack gap={12}>
        <TextInput
          label={t('dialog.url')}
          description={t('dialog.urlHint')}
          placeholder="https://registry.example"
          value={fields.url}
          error={shown.url}
          autoComplete="off"
          spellCheck={false}
          data-autofocus
          onChange={(event) => {
            const url = event.currentTarget.value
            // the host is a good name until the user gives another
            const named = fields.name !== hostOf(fields.url)
            set(named ? { url } : { url, name: hostOf(url) })
          }}
        />
        <TextInput
          label={t('dialog.name')}
          description={t('dialog.nameHint')}
          value={fields.name}
          error={shown.name}
          autoComplete="off"
          onChange={(event) => set({ name: event.currentTarget.value })}
        />
        <div>
          <Text size="xs" fw={500} mb={4} id="credential-label">
            {t('dialog.credential')}
          </Text>
          <SegmentedControl
            fullWidth
            aria-labelledby="credential-label"
            value={fields.source}
            onChange={(source) => set({ source })}
            data={(['anonymous', 'password', 'docker-config'] as const).map((value) => ({
              value,
              label: t(`dialog.${value}`),
            }))}
          />
          <p className="note">
            {t(
              fields.source === 'password' ? 'dialog.passwordCredentialHint' : `dialog.${fields.source}Hint`,
            )}
          </p>
        </div>
        {fields.source === 'password' && (
          <Group grow align="flex-start">
            <TextInput
              label={t('dialog.user')}
              value={fields.username}
              error={shown.username}
              autoComplete="off"
              spellCheck={false}
              onChange={(event) => set({ username: event.currentTarget.value })}
            />
            <PasswordInput
              label={t('dialog.secret')}
              description={keepsSecret ? t('dialog.secretKept') : undefined}
              value={fields.password}
              error={shown.password}
              autoComplete="new-password"
              onChange={(event) => set({ password: event.currentTarget.value })}
            />
          </Group>
        )}
        {secure && (
          <TlsSection
            of="registry"
            kept={entry?.tls}
            fields={fields.tls}
            onChange={(change) => set({ tls: { ...fields.tls, ...change } })}
          />
        )}
        {secure && (
          // what was shown is of what was asked: other fields, nothing shown
          <CertificateButton key={fields.url + JSON.stringify(fields.tls)} draft={draft} id={entry?.id} />
        )}
        {test.data !== undefined && <TestResult result={test.data} />}
        {test.error !== null && <FailurePanel failure={failureOf(test.error)} />}
        {savingError !== null && <FailurePanel failure={failureOf(savingError)} />}
        <Group justify="space-between">
          <Button
            variant="default"
            loading={test.isPending}
            leftSection={test.isSuccess ? <IconCheck size={15} /> : undefined}
            onClick={() =>
              withDraft((valid) =>
                test.mutate({ draft: valid, ...(entry === undefined ? {} : { id: entry.id }) }),
              )
            }
          >
            {t('dialog.test')}
          </Button>
          <Group gap={8}>
            <Button variant="default" onClick={onDone}>
              {t('common:cancel')}
            </Button>
            <Button type="submit" loading={saving}>
              {entry === undefined ? t('common:add') : t('common:save')}
            </Button>
          </Group>
        </Group>
      </Stack>
    </form>
  )
}

function draftOf(fields: Fields) {
  const { name, source, username, password } = fields
  const url = addressOf(fields.url)
  return {
    name,
    url,
    ...(/^https:/i.test(url) ? { tls: tlsDraftOf(fields.tls) } : {}),
    credential:
      source === 'password' ? { source, username, ...(password === '' ? {} : { password }) } : { source },
  }
}

/** What was typed, without the spaces and the closing slash people paste along. */
function addressOf(text: string): string {
  return text.trim().replace(/\/+$/, '')
}

function hostOf(text: string): string {
  try {
    return new URL(addressOf(text)).host
  } catch {
    return ''
  }
}
