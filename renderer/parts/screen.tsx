import { Kbd, UnstyledButton } from '@mantine/core'
import { openSpotlight } from '@mantine/spotlight'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import styles from './screen.module.css'

interface ScreenProps {
  title: ReactNode
  /** Where on the screen the user is, in second ink. */
  detail?: ReactNode
  badge?: ReactNode
  /** The one caveat that keeps the screen honest. */
  foot?: ReactNode
  footEnd?: ReactNode
  children: ReactNode
}

/** What stands right of the side bar: 44 px top bar, the screen's panels, 28 px foot bar. */
export function Screen({ title, detail, badge, foot, footEnd, children }: ScreenProps) {
  const { t } = useTranslation('shell')
  const mac = /mac/i.test(navigator.userAgent)
  return (
    <main className={styles.screen}>
      <div className={styles.top}>
        <h1 className={styles.title}>{title}</h1>
        {detail !== undefined && <div className={styles.detail}>{detail}</div>}
        {badge}
        <UnstyledButton
          className={styles.search}
          onClick={openSpotlight}
          aria-keyshortcuts="Control+K Meta+K"
        >
          <span className={styles.searchWords}>{t('search')}</span>
          <Kbd className={styles.keys}>{t(mac ? 'shortcutMac' : 'shortcut')}</Kbd>
        </UnstyledButton>
      </div>
      <div className={styles.main}>{children}</div>
      <div className={styles.foot}>
        <span className={styles.footStart}>{foot}</span>
        <span>{footEnd}</span>
      </div>
    </main>
  )
}
