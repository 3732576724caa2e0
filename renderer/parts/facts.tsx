import type { ReactNode } from 'react'
import styles from './facts.module.css'

/** Name and value pairs, one a line. */
export function Facts({ children }: { children: ReactNode }) {
  return <dl className={styles.facts}>{children}</dl>
}

/** One pair. `mono` for references, digests, hosts and commands; `copy` is a button beside the value. */
export function Fact(props: { name: ReactNode; mono?: boolean; copy?: ReactNode; children: ReactNode }) {
  return (
    <div className={styles.fact}>
      <dt>{props.name}</dt>
      <dd className={props.mono === true ? 'mono' : undefined}>
        <span className={styles.value}>{props.children}</span>
        {props.copy}
      </dd>
    </div>
  )
}
