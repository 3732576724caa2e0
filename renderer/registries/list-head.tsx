import { CloseButton, TextInput } from '@mantine/core'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import styles from './list-head.module.css'

interface ListHeadProps {
  /** What the filter is called; it is its placeholder too. */
  label: string
  filter: string
  onFilter: (filter: string) => void
  /** How many there are, in words. */
  count: ReactNode
  children?: ReactNode
}

/** The head of a list: a filter over all of it, and the count. */
export function ListHead({ label, filter, onFilter, count, children }: ListHeadProps) {
  const { t } = useTranslation('common')
  return (
    <div className={styles.head}>
      <TextInput
        className={styles.filter ?? ''}
        aria-label={label}
        placeholder={label}
        value={filter}
        spellCheck={false}
        onChange={(event) => onFilter(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape') onFilter('')
        }}
        rightSection={
          filter === '' ? undefined : (
            <CloseButton size="xs" aria-label={t('remove')} onClick={() => onFilter('')} />
          )
        }
      />
      {children}
      <div className={styles.count} role="status">
        {count}
      </div>
    </div>
  )
}
