import type { RefObject } from 'react'
import { useTranslation } from 'react-i18next'
import type { MirrorView } from '../../../shared/model/mirror.ts'
import type { HeatMapHandle } from '../../parts/heat-map/heat-map.tsx'
import { windowWords } from '../window-words.ts'
import { pictureOf } from './picture.ts'

/** Makes a PNG of the map as it is shown: which cluster, over which window, made when. */
export function usePicture(
  map: RefObject<HeatMapHandle | null>,
  view: MirrorView | undefined,
  cluster: string,
): () => Promise<Blob> {
  const { t, i18n } = useTranslation('mirrors')
  return () => {
    if (map.current === null || view === undefined) throw new Error('there is no map to take a picture of')
    const made = new Intl.DateTimeFormat(i18n.language, {
      dateStyle: 'medium',
      timeStyle: 'medium',
      hourCycle: 'h23',
    }).format(view.at)
    return pictureOf(map.current.frame(), {
      title: t('export.title', { cluster }),
      detail: t('export.detail', { window: windowWords(t, view.window, i18n.language), made }),
      legend: {
        ramp: t('legend.ramp'),
        ends: t('legend.ends'),
        length: t('legend.length'),
        flat: t('legend.flat'),
        hatched: t('legend.hatched'),
      },
    })
  }
}
