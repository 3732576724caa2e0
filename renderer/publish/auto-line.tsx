import { Button } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { autoBufferLimit } from '../../shared/model/upload.ts'
import { formatBytes } from '../parts/format.ts'
import { useWire } from '../state/wire.tsx'
import styles from './auto-line.module.css'

/** What auto will do with a blob of `bytes` and why: its size, or what befell earlier ones, which can be forgotten. */
export function AutoLine({ id, registryId, bytes }: { id: string; registryId: string; bytes: number }) {
  const { t, i18n } = useTranslation(['publish', 'failure'])
  const { client, query } = useWire()
  const learned = useQuery({
    ...query.publish.learned.queryOptions({ input: { registryId, bytes } }),
    // every upload may have taught something
    staleTime: 0,
  })
  const settings = useQuery(query.settings.get.queryOptions())
  const forget = useMutation({
    mutationFn: () => client.publish.forget({ registryId }),
    onSuccess: () => void learned.refetch(),
  })
  const [refused] = learned.data?.refused ?? []
  if (learned.data === undefined || learned.data === null || refused === undefined) {
    const held = Math.min(autoBufferLimit, (settings.data?.bufferMebibytes ?? 256) * 1024 * 1024)
    const size = formatBytes(bytes, i18n.language)
    return (
      <p id={id} className={styles.words}>
        {t(bytes <= held ? 'mode.autoBuffers' : 'mode.autoStreams', { size })}
      </p>
    )
  }
  const day = new Intl.DateTimeFormat(i18n.language, { dateStyle: 'medium' })
  const who = t(`failure:answeredBy.${refused.answeredBy}`)
  return (
    <div className={styles.line}>
      <p id={id} className={styles.words}>
        {t('mode.learned', {
          how: t(`progress.modeName.${learned.data.strategy}`),
          bodies: t(`mode.bodies.${refused.strategy}`),
          who: refused.status === undefined ? who : `${who} (${refused.status})`,
          date: day.format(refused.at),
        })}
      </p>
      <Button
        variant="default"
        size="compact-xs"
        styles={{ root: { height: 22, fontSize: 12 } }}
        className={styles.forget}
        loading={forget.isPending}
        onClick={() => forget.mutate(undefined)}
      >
        {t('mode.forget')}
      </Button>
    </div>
  )
}
