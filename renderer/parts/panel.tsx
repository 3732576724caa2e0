import type { HTMLAttributes, ReactNode } from 'react'
import styles from './panel.module.css'

interface PanelProps extends Omit<HTMLAttributes<HTMLElement>, 'title'> {
  title?: ReactNode
  /** Beside the title, in second ink. */
  note?: ReactNode
  actions?: ReactNode
  /** Without its own padding: lists and tables that go to the edge. */
  flush?: boolean
  children: ReactNode
}

/** A panel: 1 px line, 10 px corners, no shadow. Name it with `aria-label` where it has no title. */
export function Panel({
  title,
  note,
  actions,
  flush = false,
  children,
  className = '',
  ...rest
}: PanelProps) {
  const named = title !== undefined || note !== undefined || actions !== undefined
  return (
    <section {...rest} className={`${styles.panel} ${flush ? styles.flush : ''} ${className}`}>
      {named && (
        <div className={styles.head}>
          {title !== undefined && <h2 className={styles.title}>{title}</h2>}
          {note !== undefined && <span className={styles.note}>{note}</span>}
          {actions !== undefined && <div className={styles.actions}>{actions}</div>}
        </div>
      )}
      {children}
    </section>
  )
}
