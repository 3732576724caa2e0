import { IconAlertCircleFilled, IconAlertTriangleFilled } from '@tabler/icons-react'
import styles from './status-mark.module.css'

interface StatusMarkProps {
  tone: 'neutral' | 'ok' | 'warn' | 'bad'
  /** What the mark says, for those who do not see it; left out where the word stands beside it. */
  word?: string
}

/** A status as a mark that differs in shape, not only in colour: ring, disc, triangle, disc with "!". */
export function StatusMark({ tone, word }: StatusMarkProps) {
  return (
    <span
      className={styles.mark}
      {...(word === undefined ? { 'aria-hidden': true } : { role: 'img', 'aria-label': word })}
    >
      {tone === 'bad' ? (
        <IconAlertCircleFilled className={styles.bad} size={13} aria-hidden />
      ) : tone === 'warn' ? (
        <IconAlertTriangleFilled className={styles.warn} size={13} aria-hidden />
      ) : (
        <span className={`${styles.disc} ${styles[tone]}`} />
      )}
    </span>
  )
}
