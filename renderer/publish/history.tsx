import { Badge, Button, Modal, Table, UnstyledButton } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Published } from '../../shared/model/history.ts'
import { CopyButton } from '../parts/copy-button.tsx'
import { FailurePanel } from '../parts/failure-panel.tsx'
import { formatBytes, formatCount, formatDuration, shortDigest } from '../parts/format.ts'
import { failureOf } from '../state/failure-of.ts'
import { useWire } from '../state/wire.tsx'
import styles from './history.module.css'

/** Entries the list shows at most; the file in the profile has them all. */
const shown = 100

/** How much was published from here, and the list of it. */
export function History() {
  const { t, i18n } = useTranslation('queue')
  const { query } = useWire()
  const [open, setOpen] = useState(false)
  const history = useQuery(query.publish.history.queryOptions({ input: { newest: shown } }))
  if (history.data === undefined) return undefined
  const { total } = history.data
  return (
    <>
      <UnstyledButton className={styles.open} onClick={() => setOpen(true)}>
        {t('history.open', { count: total, shown: formatCount(total, i18n.language) })}
      </UnstyledButton>
      {open && <HistoryDialog {...history.data} onClose={() => setOpen(false)} />}
    </>
  )
}

function HistoryDialog({
  entries,
  total,
  onClose,
}: {
  entries: readonly Published[]
  total: number
  onClose: () => void
}) {
  const { t } = useTranslation('queue')
  const { t: common } = useTranslation()
  const { client, query } = useWire()
  const queries = useQueryClient()
  const clear = useMutation({
    mutationFn: () => client.publish.clearHistory(),
    onSuccess: () => queries.invalidateQueries({ queryKey: query.publish.history.key() }),
  })
  return (
    <Modal
      opened
      onClose={onClose}
      size={1020}
      title={t('history.title')}
      closeButtonProps={{ 'aria-label': common('close') }}
    >
      <p className={styles.meaning}>{entries.length === 0 ? t('history.empty') : t('history.meaning')}</p>
      {entries.length > 0 && (
        <Table.ScrollContainer minWidth={720}>
          <Table aria-label={t('history.title')}>
            <Table.Thead>
              <Table.Tr>
                {(['chart', 'where', 'when', 'how', 'size', 'digest'] as const).map((name) => (
                  <Table.Th key={name} scope="col">
                    {t(`history.${name}`)}
                  </Table.Th>
                ))}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {entries.map((entry) => (
                <Row key={entry.id} entry={entry} />
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
      {clear.isError && <FailurePanel failure={failureOf(clear.error)} />}
      {total > 0 && (
        <div className={styles.foot}>
          <span className={styles.meaning}>
            {total > entries.length && t('history.shown', { shown: entries.length, total })}
          </span>
          <Button variant="default" loading={clear.isPending} onClick={() => clear.mutate()}>
            {t('history.clear')}
          </Button>
        </div>
      )}
    </Modal>
  )
}

function Row({ entry }: { entry: Published }) {
  const { t, i18n } = useTranslation('queue')
  const { language } = i18n
  const name = `${entry.chart} ${entry.version}`
  const when = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' })
  return (
    <Table.Tr>
      <Table.Th scope="row">{name}</Table.Th>
      <Table.Td className={styles.reference}>
        <span className="mono">{entry.reference}</span>
        {entry.username !== undefined && (
          <span className={styles.note}>{t('history.by', { name: entry.username })}</span>
        )}
        {entry.demo && <Badge variant="default">{t('history.demo')}</Badge>}
      </Table.Td>
      <Table.Td>{when.format(entry.at)}</Table.Td>
      <Table.Td>
        {entry.strategy === undefined
          ? t('history.there')
          : t('history.took', {
              strategy: t(`history.strategy.${entry.strategy}`),
              time: formatDuration(entry.seconds * 1000, language),
            })}
      </Table.Td>
      <Table.Td>{formatBytes(entry.size, language)}</Table.Td>
      <Table.Td>
        <span className="mono">{shortDigest(entry.digest)}</span>{' '}
        <CopyButton value={entry.digest} what={t('history.copy', { chart: name })} />
      </Table.Td>
    </Table.Tr>
  )
}
