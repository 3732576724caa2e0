import { IconCircleCheck } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import type { Considered, RegistryTest } from '../../shared/model/registry.ts'
import { formatDuration } from '../parts/format.ts'
import styles from './test-result.module.css'

/** What a test found, in place. */
export function TestResult({ result }: { result: RegistryTest }) {
  const { t, i18n } = useTranslation('registries')
  const sent = [result.apiVersion, result.server].filter((one) => one !== undefined)
  return (
    <div className={styles.result} role="status">
      <IconCircleCheck size={18} stroke={1.8} aria-hidden />
      <div>
        <strong>{t('dialog.testOk', { time: formatDuration(result.milliseconds, i18n.language) })}</strong>
        <div>
          {t('dialog.testAuth', {
            authentication: t(`dialog.authentications.${result.authentication}`),
            credential: t(`dialog.credentials.${result.credential}`),
          })}
        </div>
        {sent.length > 0 && <div className="mono">{sent.join(' · ')}</div>}
        <Looked places={result.considered} />
      </div>
    </div>
  )
}

/** Where a credential was looked for: the winner, and why the others lost. */
function Looked({ places }: { places: Considered[] }) {
  const { t } = useTranslation('registries')
  return (
    <details className={styles.looked}>
      <summary>{t('dialog.considered')}</summary>
      <ol>
        {places.map(({ source, place, outcome, detail }) => (
          <li key={`${source} ${place}`} data-outcome={outcome}>
            <span>{t(`dialog.credentials.${source}`)}</span>
            <div>
              {place !== '' && <span className="mono">{place} </span>}
              <span>{t(`dialog.outcomes.${outcome}`)}</span>
              {detail !== undefined && <p className="note">{detail}</p>}
            </div>
          </li>
        ))}
      </ol>
    </details>
  )
}
