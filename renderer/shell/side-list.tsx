import { UnstyledButton } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import styles from './side-list.module.css'

/** A group of the side bar: its name, a button that adds to it, and its items. */
export function SideList({
  name,
  add,
  onAdd,
  children,
}: {
  name: string
  /** What the button does. */
  add: string
  onAdd: () => void
  children: ReactNode
}) {
  return (
    <nav className={styles.group} aria-label={name}>
      <div className={styles.head}>
        <span className={styles.words}>{name}</span>
        <UnstyledButton title={add} className={styles.add} aria-label={add} onClick={onAdd}>
          <IconPlus size={15} aria-hidden />
        </UnstyledButton>
      </div>
      <ul className={styles.list}>{children}</ul>
    </nav>
  )
}
