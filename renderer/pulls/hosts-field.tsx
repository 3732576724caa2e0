import { FileButton, Textarea, UnstyledButton } from '@mantine/core'
import { type DragEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import styles from './hosts-field.module.css'
import { hostsLimit } from './pull-draft.ts'

/** The text of a hosts.toml: typed, pasted, dropped on the field, or from a chosen file. */
export function HostsField({
  value,
  invalid,
  onChange,
}: {
  value: string
  invalid: boolean
  onChange: (text: string) => void
}) {
  const { t } = useTranslation('pulls')
  const [tooLarge, setTooLarge] = useState(false)
  const read = async (file: File | null | undefined) => {
    if (file === null || file === undefined) return
    setTooLarge(file.size > hostsLimit)
    if (file.size <= hostsLimit) onChange(await file.text())
  }
  // keeps the drop from the shell, which would take the file for a chart
  const own = (event: DragEvent) => {
    if (event.dataTransfer.types.includes('Files')) event.preventDefault()
  }
  return (
    <div
      className={styles.field}
      onDragEnter={own}
      onDragOver={own}
      onDrop={(event) => {
        own(event)
        void read(event.dataTransfer.files[0])
      }}
    >
      <Textarea
        size="sm"
        label={t('form.hosts')}
        description={t('form.hostsDescription')}
        placeholder={t('form.hostsPlaceholder')}
        rows={9}
        spellCheck={false}
        maxLength={hostsLimit}
        classNames={{ input: styles.input ?? '' }}
        value={value}
        error={tooLarge ? t('form.tooLarge') : invalid}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
      <FileButton onChange={(file) => void read(file)} inputProps={{ 'aria-label': t('form.chooseInput') }}>
        {(button) => (
          <UnstyledButton {...button} className={styles.choose}>
            {t('form.choose')}
          </UnstyledButton>
        )}
      </FileButton>
    </div>
  )
}
