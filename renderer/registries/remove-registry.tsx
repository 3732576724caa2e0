import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import type { RegistryEntry } from '../../shared/model/registry.ts'
import { Removal } from '../parts/removal.tsx'
import { failureOf } from '../state/failure-of.ts'
import { goTo } from '../state/route.ts'
import { useWire } from '../state/wire.tsx'

/** Asks once, says what is lost and what is not, and removes the entry. */
export function RemoveRegistry({ entry, onDone }: { entry: RegistryEntry; onDone: () => void }) {
  const { t } = useTranslation('registries')
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
    <Removal
      what={entry.url}
      meaning={t('dialog.removeMeaning')}
      failure={remove.error === null ? undefined : failureOf(remove.error)}
      removing={remove.isPending}
      onCancel={onDone}
      onRemove={() => remove.mutate({ id: entry.id })}
    />
  )
}
