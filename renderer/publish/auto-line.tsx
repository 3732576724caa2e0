import { Button } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { useWire } from '../state/wire.tsx'
import styles from './learned-line.module.css'

/** What auto will do with a blob of `bytes` because of what befell earlier ones, and a way to forget it. */
export function LearnedLine({ registryId, bytes }: { registryId: string; bytes: number }) {
  const { t, i18n } = useTranslation(['publish', 'failure'])
  const { client, query } = useWire()
  const learned = useQuery({
    ...query.publish.learned.queryOptions({ input: { registryId, bytes } }),
    // every upload may have taught something
    staleTime: 0,
  })
  const forget = useMutation({
    mutationFn: () => client.publish.forget({ registryId }),
    onSuccess: () => void learned.refetch(),
  })
  const [refused] = learned.data?.refused ?? []
  if (learned.data === undefined || learned.data === null || refused === undefined) return undefined
  const day = new Intl.DateTimeFormat(i18n.language, { dateStyle: 'medium' })
  return (
    <div className={styles.line}>
      <p className={styles.words}>
        {t('mode.learned', {
          strategy: t(`mode.${learned.data.strategy}`),
          refused: t(`mode.${refused.strategy}`),
          because: t(`failure:kinds.${refused.kind}.title`),
          date: day.format(refused.at),
        })}
      </p>
      <Button
        variant="subtle"
        size="compact-xs"
        className={styles.forget}
        loading={forget.isPending}
        onClick={() => forget.mutate(undefined)}
      >
        {t('mode.forget')}
      </Button>
    </div>
  )
}
