import { CopyButton } from '../parts/copy-button.tsx'
import { Fact } from '../parts/facts.tsx'
import styles from './snippet.module.css'

/** A text of many lines to copy, folded until it is wanted. `what` says what it is. */
export function Snippet({ name, what, text }: { name: string; what: string; text: string }) {
  return (
    <Fact name={name} copy={<CopyButton value={text} what={`${name} ${what}`} />}>
      <details className={styles.snippet}>
        <summary>{what}</summary>
        <pre tabIndex={0} aria-label={`${name} ${what}`}>
          {text}
        </pre>
      </details>
    </Fact>
  )
}
