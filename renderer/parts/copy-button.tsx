import { ActionIcon, CopyButton as Copying } from '@mantine/core'
import { IconCheck, IconCopy } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'

/** Copies `value`; `what` names it to those who do not see the icon. */
export function CopyButton({ value, what }: { value: string; what: string }) {
  const { t } = useTranslation()
  return (
    <Copying value={value}>
      {({ copied, copy }) => (
        <ActionIcon
          variant="subtle"
          size="sm"
          title={copied ? t('copied') : t('copy')}
          aria-label={copied ? t('copied') : t('copyNamed', { what })}
          onClick={copy}
        >
          {copied ? <IconCheck size={14} /> : <IconCopy size={14} />}
        </ActionIcon>
      )}
    </Copying>
  )
}
