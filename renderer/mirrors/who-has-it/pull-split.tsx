import { useTranslation } from 'react-i18next'
import type { ContentNode } from '../../../shared/model/content-map.ts'
import { formatBytes } from '../../parts/format.ts'
import styles from './pull-split.module.css'

/** What a pull on one node would take from where, in bytes, as a bar and as a sentence. */
export function PullSplit({ node }: { node: ContentNode }) {
  const { t, i18n } = useTranslation('content')
  const { bytes, name } = node
  if (bytes === undefined) return <p className={styles.sentence}>{t('pull.unknown', { node: name })}</p>
  const total = bytes.local + bytes.peers + bytes.upstream
  const of = (value: number) => formatBytes(value, i18n.language)
  return (
    <div>
      <p className={styles.sentence}>
        {t(total === bytes.local ? 'pull.nothing' : 'pull.split', {
          node: name,
          local: of(bytes.local),
          peers: of(bytes.peers),
          upstream: of(bytes.upstream),
        })}
      </p>
      <div className={styles.bar} aria-hidden>
        {(['local', 'peers', 'upstream'] as const).map((part) => (
          <span key={part} data-part={part} style={{ flexGrow: total === 0 ? 0 : bytes[part] / total }} />
        ))}
      </div>
    </div>
  )
}
