import { Button, Menu } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import type { MirrorView } from '../../../shared/model/mirror.ts'
import { download } from '../../parts/download.ts'
import type { CountRow } from '../count-rows.ts'
import { csvOf } from './csv.ts'

/** What is on screen as a file: the table's rows, the view as the app has it, or a picture of the map. */
export function ExportMenu({
  view,
  rows,
  picture,
}: {
  view: MirrorView
  /** Made when they are wanted. */
  rows: () => readonly CountRow[]
  /** Undefined where no map is shown. */
  picture: (() => Promise<Blob>) | undefined
}) {
  const { t } = useTranslation('mirrors')
  const name = `mirrors-${new Date(view.at).toISOString().slice(0, 19).replaceAll(':', '-')}`
  const saving = useMutation({
    mutationFn: async (make: () => Promise<Blob>) => download(`${name}.png`, await make(), 'image/png'),
  })
  return (
    <Menu position="bottom-end" shadow="sm">
      <Menu.Target>
        <Button variant="default" loading={saving.isPending}>
          {t('export.button')}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => download(`${name}.csv`, csvOf(rows(), view), 'text/csv;charset=utf-8')}>
          {t('export.csv')}
        </Menu.Item>
        <Menu.Item
          onClick={() =>
            download(`${name}.json`, `${JSON.stringify(view, undefined, 2)}\n`, 'application/json')
          }
        >
          {t('export.json')}
        </Menu.Item>
        <Menu.Item disabled={picture === undefined} onClick={() => picture && saving.mutate(picture)}>
          {t('export.png')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
