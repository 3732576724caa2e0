import { Button, Group, Stack } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import type { SourceEntry } from '../../../shared/model/mirror-source.ts'
import { FailurePanel } from '../../parts/failure-panel.tsx'
import { failureOf } from '../../state/failure-of.ts'
import { useClusters } from '../../state/mirrors-provider.tsx'
import { useWire } from '../../state/wire.tsx'
import { Asked } from './asked.tsx'

/** Asks once, says what goes with it, and removes the source. */
export function RemoveSource({ entry, onDone }: { entry: SourceEntry; onDone: () => void }) {
  const { t } = useTranslation(['sources', 'common'])
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
    <Stack gap={14}>
      <div>
        <p className="mono">
          <Asked settings={entry.settings} />
        </p>
        <p>{t('remove.meaning')}</p>
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
