import { Button } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { NextStep } from '../../shared/model/failure.ts'
import type { RegistryEntry } from '../../shared/model/registry.ts'
import { modeOfStrategy, strategyOf, type UploadMode } from '../../shared/model/upload.ts'
import { useRegistryDialog } from '../state/registry-dialog.tsx'
import { hrefOf } from '../state/route.ts'
import type { Upload } from '../state/uploads.ts'
import { toneOf } from './exchange-entries.ts'

interface FailureActionsProps {
  upload: Upload
  registry: RegistryEntry
  /** Whether the registry's relay runs. */
  relayed: boolean
  onMode: (mode: UploadMode) => void
  onRelay: () => void
  onCheckPath: () => void
  onOtherPath: () => void
}

/** Steps that another path or another right on this one may take. */
const aboutPath: readonly NextStep[] = ['check-permission', 'check-name', 'choose-another-tag']

/** The steps that stand here as buttons. */
export const stepsTaken: ReadonlySet<NextStep> = new Set([
  'use-buffered',
  'use-streamed',
  'use-chunked',
  'use-relay',
  'log-in',
  'check-path',
  'retry',
])

/** The next steps of a failure that the app can take by itself, most promising first, and a look at the exchange. */
export function FailureActions(props: FailureActionsProps) {
  const { upload, registry, relayed, onMode, onRelay, onCheckPath, onOtherPath } = props
  const { t } = useTranslation(['publish', 'path'])
  const dialog = useRegistryDialog()
  const next = upload.failure?.next ?? []
  const asked = upload.target?.mode ?? 'auto'
  const tried = asked === 'auto' ? undefined : modeOfStrategy(strategyOf(asked))
  const modes = (['buffered', 'streamed', 'chunked'] as const).filter(
    (other) => other !== tried && next.includes(`use-${other}`),
  )
  const exchange =
    upload.exchanges.findLast((each) => toneOf(each) === 'bad') ??
    upload.exchanges[upload.exchanges.length - 1]
  return (
    <>
      {modes.map((other) => (
        <Button key={other} onClick={() => onMode(other)}>
          {t(`failed.${other}`)}
        </Button>
      ))}
      {next.includes('log-in') && (
        <Button onClick={() => dialog.open({ job: 'edit', entry: registry })}>{t('failed.logIn')}</Button>
      )}
      {next.includes('use-relay') && !relayed && (
        <Button variant={modes.length === 0 ? 'filled' : 'default'} onClick={onRelay}>
          {t('path:relay.startAndRetry')}
        </Button>
      )}
      {aboutPath.some((step) => next.includes(step)) && (
        <Button variant="default" onClick={onOtherPath}>
          {t('failed.otherPath')}
        </Button>
      )}
      {next.includes('check-path') && (
        <Button variant="default" onClick={onCheckPath}>
          {t('path:open')}
        </Button>
      )}
      {exchange !== undefined && (
        <Button component="a" variant="default" href={hrefOf('activity', exchange.id)}>
          {t('failed.activity')}
        </Button>
      )}
    </>
  )
}
