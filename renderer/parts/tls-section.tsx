import { Button, Stack, Switch, Textarea } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { NotVerified } from './not-verified.tsx'
import type { KeptTls, TlsFields } from './tls-draft.ts'
import styles from './tls-section.module.css'

interface TlsSectionProps {
  /** Undefined for what is not saved yet. */
  kept: KeptTls | undefined
  fields: TlsFields
  onChange: (change: Partial<TlsFields>) => void
  /** Whose it is. */
  of: 'registry' | 'source'
}

/** How the TLS of a registry or a source is met: folded up, since most need nothing here. */
export function TlsSection({ kept, fields, onChange, of }: TlsSectionProps) {
  const { t } = useTranslation('tls')
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
        {t('title')}{' '}
        <span>{summary.length === 0 ? t('summary.system', { context: of }) : summary.join(', ')}</span>
      </summary>
      <Stack gap={10} mt={8}>
        <Switch
          label={t('verify')}
          checked={fields.verify}
          onChange={(event) => onChange({ verify: event.currentTarget.checked })}
        />
        {!fields.verify && (
          <p className={styles.warning}>
            <NotVerified /> {t('verifyOff', { context: of })}
          </p>
        )}
        <Pem
          label={t('ca')}
          hint={kept?.hasCa === true ? t('caKept') : t('caHint', { context: of })}
          value={fields.ca}
          onChange={(ca) => onChange({ ca })}
        />
        {kept?.hasCa === true && fields.ca === '' && (
          <Drop dropped={fields.dropCa} label={t('ca')} onDrop={(dropCa) => onChange({ dropCa })} />
        )}
        <Pem
          label={t('certificate')}
          hint={
            kept?.hasClientCertificate === true ? t('certificateKept') : t('certificateHint', { context: of })
          }
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
