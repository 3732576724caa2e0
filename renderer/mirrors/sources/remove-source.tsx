import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import type { SourceEntry } from '../../../shared/model/mirror-source.ts'
import { Removal } from '../../parts/removal.tsx'
import { failureOf } from '../../state/failure-of.ts'
import { useClusters } from '../../state/mirrors-provider.tsx'
import { useWire } from '../../state/wire.tsx'
import { Asked } from './asked.tsx'

/** Asks once, says what goes with it, and removes the source. */
export function RemoveSource({ entry, onDone }: { entry: SourceEntry; onDone: () => void }) {
  const { t } = useTranslation('sources')
  const { query } = useWire()
  const queries = useQueryClient()
  const chosen = useClusters((state) => state.chosen)
  const choose = useClusters((state) => state.choose)
  const remove = useMutation(
    query.mirrors.removeSource.mutationOptions({
      onSuccess: async () => {
        if (chosen === entry.id) choose(undefined)
        onDone()
        await queries.invalidateQueries({ queryKey: query.mirrors.key() })
      },
    }),
  )
  return (
    <Removal
      what={<Asked settings={entry.settings} />}
      meaning={t('remove.meaning')}
      failure={remove.error === null ? undefined : failureOf(remove.error)}
      removing={remove.isPending}
      onCancel={onDone}
      onRemove={() => remove.mutate({ id: entry.id })}
    />
  )
}
