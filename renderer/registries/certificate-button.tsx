import { Button } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import type { RegistryDraft } from '../../shared/model/registry.ts'
import { FailurePanel } from '../parts/failure-panel.tsx'
import { failureOf } from '../state/failure-of.ts'
import { useWire } from '../state/wire.tsx'
import styles from './certificate-button.module.css'
import { TlsReportView } from './tls-report.tsx'

/** Shows what certificate answers at a draft's address, when asked. */
export function CertificateButton({
  draft,
  id,
}: {
  draft: RegistryDraft | undefined
  id: string | undefined
}) {
  const { t } = useTranslation('tls')
  const { query } = useWire()
  const report = useMutation(query.registries.tlsReport.mutationOptions())
  return (
    <div className={styles.ask}>
      <Button
        size="compact-sm"
        variant="default"
        disabled={draft === undefined}
        loading={report.isPending}
        onClick={() => {
          if (draft !== undefined) report.mutate({ draft, ...(id !== undefined ? { id } : {}) })
        }}
      >
        {t('show')}
      </Button>
      {report.data !== undefined && <TlsReportView report={report.data} />}
      {report.error !== null && <FailurePanel failure={failureOf(report.error)} />}
    </div>
  )
}
