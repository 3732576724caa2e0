import { Button, Group, Stack } from '@mantine/core'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import type { Failure } from '../../shared/model/failure.ts'
import { FailurePanel } from './failure-panel.tsx'

/** Asks before something saved goes: what it is, what goes with it, and how the removal failed if it did. */
export function Removal({
  what,
  meaning,
  failure,
  removing,
  onCancel,
  onRemove,
}: {
  what: ReactNode
  meaning: string
  failure: Failure | undefined
  removing: boolean
  onCancel: () => void
  onRemove: () => void
}) {
  const { t } = useTranslation()
  return (
    <Stack gap={14}>
      <div>
        <p className="mono">{what}</p>
        <p>{meaning}</p>
      </div>
      {failure !== undefined && <FailurePanel failure={failure} />}
      <Group justify="flex-end" gap={8}>
        <Button variant="default" onClick={onCancel} data-autofocus>
          {t('cancel')}
        </Button>
        <Button color="red" loading={removing} onClick={onRemove}>
          {t('remove')}
        </Button>
      </Group>
    </Stack>
  )
}
