import { CopyButton } from './copy-button.tsx'
import styles from './command-line.module.css'

/** A command to copy, whole: it wraps, it is never cut. `what` names it. */
export function CommandLine({ command, what }: { command: string; what: string }) {
  return (
    <div className={styles.command}>
      <code className="mono">{command}</code>
      <CopyButton value={command} what={what} />
    </div>
  )
}
