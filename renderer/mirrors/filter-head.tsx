import { CloseButton, Kbd, TextInput } from '@mantine/core'
import { useHotkeys } from '@mantine/hooks'
import { type ReactNode, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import styles from './filter-head.module.css'

/** The head of map and table: a filter that `/` leads to, and what it left. */
export function FilterHead({
  filter,
  onFilter,
  count,
  children,
}: {
  filter: string
  onFilter: (filter: string) => void
  count: ReactNode
  /** Beside the filter: what else narrows it. */
  children?: ReactNode
}) {
  const { t } = useTranslation(['mirrors', 'common'])
  const field = useRef<HTMLInputElement>(null)
  useHotkeys([['/', () => field.current?.focus()]])
  return (
    <div className={styles.head}>
      <TextInput
        ref={field}
        className={styles.filter ?? ''}
        aria-label={t('filter.label')}
        aria-keyshortcuts="/"
        placeholder={t('filter.label')}
        value={filter}
        spellCheck={false}
        onChange={(event) => onFilter(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Escape') return
          event.stopPropagation()
          onFilter('')
          field.current?.blur()
        }}
        rightSection={
          filter === '' ? (
            <Kbd size="xs" aria-hidden>
              /
            </Kbd>
          ) : (
            <CloseButton size="xs" aria-label={t('filter.clear')} onClick={() => onFilter('')} />
          )
        }
      />
      {children}
      <span className={styles.count} role="status">
        {count}
      </span>
    </div>
  )
}
