import { Modal, Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { useSourceDialog } from '../../state/mirrors-provider.tsx'
import { RemoveSource } from './remove-source.tsx'
import { SourceForm } from './source-form.tsx'
import { SourceList } from './source-list.tsx'

/** The one dialog about sources: all of them, or adding, editing or removing one, as whoever opened it said. */
export function SourceDialog() {
  const { t } = useTranslation(['sources', 'common'])
  const { subject, open } = useSourceDialog()
  const close = () => open(undefined)
  const title =
    subject === undefined
      ? ''
      : subject.job === 'list' || subject.job === 'add'
        ? t(`title.${subject.job}`)
        : t(`title.${subject.job}`, { name: subject.entry.name })
  return (
    <Modal
      opened={subject !== undefined}
      onClose={close}
      title={<Text fw={650}>{title}</Text>}
      size={540}
      closeButtonProps={{ 'aria-label': t('common:close') }}
    >
      {subject?.job === 'list' && <SourceList />}
      {subject?.job === 'add' && <SourceForm entry={undefined} kind={subject.kind} onDone={close} />}
      {subject?.job === 'edit' && (
        <SourceForm entry={subject.entry} kind={subject.entry.settings.kind} onDone={close} />
      )}
      {subject?.job === 'remove' && <RemoveSource entry={subject.entry} onDone={close} />}
    </Modal>
  )
}
