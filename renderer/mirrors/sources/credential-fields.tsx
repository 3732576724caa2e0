import { Group, PasswordInput, SegmentedControl, Text, TextInput } from '@mantine/core'
import { useId } from 'react'
import { useTranslation } from 'react-i18next'
import type { FormPart } from './form-part.ts'
import { isSecure } from './source-fields.ts'

const credentials = ['none', 'basic', 'bearer'] as const

/** Who asks. A secret that is kept is never shown: it stays as it is, or another takes its place. */
export function CredentialFields({ fields, shown, set, kept }: FormPart & { kept: boolean }) {
  const { t } = useTranslation('sources')
  const label = useId()
  const { credential } = fields
  return (
    <>
      <div>
        <Text size="sm" fw={500} mb={4} id={label}>
          {t('credential.label')}
        </Text>
        <SegmentedControl
          fullWidth
          aria-labelledby={label}
          value={credential}
          onChange={(chosen) => set({ credential: chosen, secret: '' })}
          data={credentials.map((value) => ({ value, label: t(`credential.${value}`) }))}
        />
        {credential !== 'none' && (
          <p className="note">{t(isSecure(fields) ? 'credential.vault' : 'credential.plain')}</p>
        )}
      </div>
      {credential !== 'none' && (
        <Group grow align="flex-start">
          {credential === 'basic' && (
            <TextInput
              label={t('credential.user')}
              value={fields.username}
              error={shown.username && t('problem.username')}
              autoComplete="off"
              spellCheck={false}
              maxLength={1000}
              onChange={(event) => set({ username: event.currentTarget.value })}
            />
          )}
          <PasswordInput
            label={t(`credential.secret.${credential}`)}
            description={kept ? t('credential.kept') : undefined}
            inputWrapperOrder={['label', 'input', 'description', 'error']}
            value={fields.secret}
            error={shown.secret && t(`problem.secret.${credential}`)}
            autoComplete="new-password"
            onChange={(event) => set({ secret: event.currentTarget.value })}
          />
        </Group>
      )}
    </>
  )
}
