import { Fragment } from 'react'
import { CopyButton } from './copy-button.tsx'
import styles from './command-line.module.css'

/** A command to copy, whole: it wraps, it is never cut. `what` names it. */
export function CommandLine({ command, what }: { command: string; what: string }) {
  return (
    <div className={styles.command}>
      <code className="mono">
        {command.split(' ').map((word, index) => (
          // a flag is not torn at its own hyphens
          <Fragment key={`${index} ${word}`}>
            {index > 0 && ' '}
            <span className={word.startsWith('-') ? styles.flag : undefined}>{word}</span>
          </Fragment>
        ))}
      </code>
      <CopyButton value={command} what={what} />
    </div>
  )
}
