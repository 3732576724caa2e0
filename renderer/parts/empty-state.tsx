import type { ReactNode } from 'react'
import styles from './empty-state.module.css'

interface EmptyStateProps {
  icon?: ReactNode
  title: ReactNode
  /** What this place is for, or why it is empty. */
  meaning?: ReactNode
  /** What to do next: buttons. */
  children?: ReactNode
}

/** A place with nothing in it, saying what to do next. */
export function EmptyState({ icon, title, meaning, children }: EmptyStateProps) {
  return (
    <div className={styles.empty}>
      {icon !== undefined && <div className={styles.icon}>{icon}</div>}
      <h2 className={styles.title}>{title}</h2>
      {meaning !== undefined && <p className={styles.meaning}>{meaning}</p>}
      {children !== undefined && <div className={styles.actions}>{children}</div>}
    </div>
  )
}
