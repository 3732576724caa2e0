import { SegmentedControl } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { mirrorsViews } from '../state/mirror-options.ts'
import { useMirrorOptions } from '../state/mirrors-provider.tsx'

/** The map, its table, or who has an image. It stands first, so that it stays where it is whichever is chosen. */
export function ViewSwitch() {
  const { t } = useTranslation('mirrors')
  const view = useMirrorOptions((options) => options.view)
  const set = useMirrorOptions((options) => options.set)
  return (
    <SegmentedControl
      size="sm"
      aria-label={t('view.label')}
      value={view}
      onChange={(chosen) => set({ view: chosen })}
      data={mirrorsViews.map((value) => ({ value, label: t(`view.${value}`) }))}
    />
  )
}
