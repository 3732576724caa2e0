import { useTranslation } from 'react-i18next'
import mark from '../mark.svg'
import { hrefOf, type ScreenName, screens } from '../state/route.ts'
import { useUploads } from '../state/uploads-provider.tsx'
import { ClusterList } from './cluster-list.tsx'
import { RegistryList } from './registry-list.tsx'
import { screenIcons } from './screen-icons.ts'
import styles from './side-bar.module.css'

/** Screens, then the registries with how they answer and the clusters with how they do. Narrow windows keep the icons. */
export function SideBar({ screen }: { screen: ScreenName }) {
  const { t } = useTranslation('shell')
  const uploading = useUploads(({ uploads }) => uploads.filter((one) => one.status === 'uploading').length)
  return (
    <aside className={styles.side} aria-label="Chartroom">
      <div className={styles.brand}>
        <img src={mark} alt="" width={18} height={18} />
        <span className={styles.words}>Chartroom</span>
      </div>
      <nav className={styles.screens} aria-label={t('navigation')}>
        {screens.map((name) => {
          const Icon = screenIcons[name]
          return (
            <a
              key={name}
              title={t(`screens.${name}`)}
              className={styles.item}
              href={hrefOf(name)}
              aria-current={screen === name ? 'page' : undefined}
            >
              <Icon size={17} stroke={1.7} aria-hidden />
              <span className={styles.words}>{t(`screens.${name}`)}</span>
              {name === 'publish' && uploading > 0 && (
                <span className={styles.count} title={t('uploading', { count: uploading })}>
                  {uploading}
                </span>
              )}
            </a>
          )
        })}
      </nav>
      <RegistryList />
      <ClusterList />
    </aside>
  )
}
