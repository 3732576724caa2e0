import { Button, Stack, Switch, Textarea } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import type { RegistryDraft, RegistryEntry } from '../../shared/model/registry.ts'
import { FailurePanel } from '../parts/failure-panel.tsx'
import { NotVerified } from '../parts/not-verified.tsx'
import { failureOf } from '../state/failure-of.ts'
import { useWire } from '../state/wire.tsx'
import type { TlsFields } from './tls-draft.ts'
import { TlsReportView } from './tls-report.tsx'
import styles from './tls-section.module.css'

interface TlsSectionProps {
  entry: RegistryEntry | undefined
  fields: TlsFields
  onChange: (change: Partial<TlsFields>) => void
}

/** How the registry's TLS is met: folded up, since most need nothing here. */
export function TlsSection({ entry, fields, onChange }: TlsSectionProps) {
  const { t } = useTranslation('tls')
  const kept = entry?.tls
  const hasCa = fields.ca !== '' || (kept?.hasCa === true && !fields.dropCa)
  const hasClient = fields.certificate !== '' || (kept?.hasClientCertificate === true && !fields.dropClient)
  const summary = [
    ...(fields.verify ? [] : [t('summary.unverified')]),
    ...(hasCa ? [t('summary.ca')] : []),
    ...(hasClient ? [t('summary.client')] : []),
  ]
  return (
    <details className={styles.section} open={kept !== undefined && (!kept.verify || kept.hasCa)}>
      <summary>
        {t('title')} <span>{summary.length === 0 ? t('summary.system') : summary.join(', ')}</span>
      </summary>
      <Stack gap={10} mt={8}>
        <Switch
          label={t('verify')}
          checked={fields.verify}
          onChange={(event) => onChange({ verify: event.currentTarget.checked })}
        />
        {!fields.verify && (
          <p className={styles.warning}>
            <NotVerified /> {t('verifyOff')}
          </p>
        )}
        <Pem
          label={t('ca')}
          hint={kept?.hasCa === true ? t('caKept') : t('caHint')}
          value={fields.ca}
          onChange={(ca) => onChange({ ca })}
        />
        {kept?.hasCa === true && fields.ca === '' && (
          <Drop dropped={fields.dropCa} label={t('ca')} onDrop={(dropCa) => onChange({ dropCa })} />
        )}
        <Pem
          label={t('certificate')}
          hint={kept?.hasClientCertificate === true ? t('certificateKept') : t('certificateHint')}
          value={fields.certificate}
          onChange={(certificate) => onChange({ certificate })}
        />
        {kept?.hasClientCertificate === true && fields.certificate === '' && (
          <Drop
            dropped={fields.dropClient}
            label={t('certificate')}
            onDrop={(dropClient) => onChange({ dropClient })}
          />
        )}
        {fields.certificate !== '' && (
          <Pem
            label={t('key')}
            hint={t('keyHint')}
            value={fields.key}
            onChange={(key) => onChange({ key })}
          />
        )}
      </Stack>
    </details>
  )
}

function Pem(props: { label: string; hint: string; value: string; onChange: (text: string) => void }) {
  return (
    <Textarea
      label={props.label}
      description={props.hint}
      value={props.value}
      rows={2}
      resize="vertical"
      placeholder="-----BEGIN"
      autoComplete="off"
      spellCheck={false}
      classNames={{ input: 'mono' }}
      onChange={(event) => props.onChange(event.currentTarget.value)}
    />
  )
}

/** What is kept is not shown again; it can be taken away. */
function Drop(props: { dropped: boolean; label: string; onDrop: (dropped: boolean) => void }) {
  const { t } = useTranslation('tls')
  return (
    <div className={styles.drop}>
      {props.dropped && <span className="note">{t('dropped')}</span>}
      <Button
        size="compact-xs"
        variant="default"
        aria-label={`${t(props.dropped ? 'undo' : 'drop')}: ${props.label}`}
        onClick={() => props.onDrop(!props.dropped)}
      >
        {t(props.dropped ? 'undo' : 'drop')}
      </Button>
    </div>
  )
}

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
