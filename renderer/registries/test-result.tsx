import { IconCircleCheck } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import type { RegistryTest } from '../../shared/model/registry.ts'
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
      </div>
    </div>
  )
}
