import { Button, Group, Stack } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import type { RegistryEntry } from '../../shared/model/registry.ts'
import { FailurePanel } from '../parts/failure-panel.tsx'
import { failureOf } from '../state/failure-of.ts'
import { goTo } from '../state/route.ts'
import { useWire } from '../state/wire.tsx'

/** Asks once, says what is lost and what is not, and removes the entry. */
export function RemoveRegistry({ entry, onDone }: { entry: RegistryEntry; onDone: () => void }) {
  const { t } = useTranslation(['registries', 'common'])
  const { query } = useWire()
  const queries = useQueryClient()
  const remove = useMutation(
    query.registries.remove.mutationOptions({
      onSuccess: async () => {
        goTo('registries')
        onDone()
        await queries.invalidateQueries({ queryKey: query.registries.list.key() })
      },
    }),
  )
  return (
    <Stack gap={14}>
      <div>
        <p className="mono">{entry.url}</p>
        <p>{t('dialog.removeMeaning')}</p>
      </div>
      {remove.error !== null && <FailurePanel failure={failureOf(remove.error)} />}
      <Group justify="flex-end" gap={8}>
        <Button variant="default" onClick={onDone} data-autofocus>
          {t('common:cancel')}
        </Button>
        <Button color="red" loading={remove.isPending} onClick={() => remove.mutate({ id: entry.id })}>
          {t('common:remove')}
        </Button>
      </Group>
    </Stack>
  )
}
