import type { ReactNode } from 'react'
import styles from './number-rows.module.css'

/** Numbers under each other, each with its name before it and a note behind it. */
export function NumberRows({ children }: { children: ReactNode }) {
  return <dl className={styles.rows}>{children}</dl>
}

/** One of them; `children` is the number. */
export function NumberRow({
  name,
  note,
  tone,
  more,
  children,
}: {
  name: ReactNode
  note?: ReactNode
  tone?: 'bad' | 'warn' | undefined
  /** Opens below it on request. */
  more?: { summary: string; content: ReactNode }
  children: ReactNode
}) {
  return (
    <div className={styles.row}>
      <dt>{name}</dt>
      <dd className={styles.value} data-tone={tone}>
        {children}
      </dd>
      {note !== undefined && <dd className={styles.note}>{note}</dd>}
      {more !== undefined && (
        <dd className={styles.more}>
          <details>
            <summary>{more.summary}</summary>
            {more.content}
          </details>
        </dd>
      )}
    </div>
  )
}
