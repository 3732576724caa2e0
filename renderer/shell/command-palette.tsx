import { useMantineColorScheme } from '@mantine/core'
import { Spotlight, type SpotlightActionData } from '@mantine/spotlight'
import {
  IconAffiliate,
  IconDatabase,
  IconFlask,
  IconFlaskOff,
  IconMoon,
  IconPlus,
  IconSun,
  IconSunMoon,
  IconZoomQuestion,
} from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import type { Settings } from '../../shared/model/settings.ts'
import { useStartDemo, useStopDemo } from '../state/demo.ts'
import { useClusters, useMirrorOptions, useSourceDialog } from '../state/mirrors-provider.tsx'
import { useRegistryDialog } from '../state/registry-dialog.tsx'
import { goTo, screens } from '../state/route.ts'
import { useWire } from '../state/wire.tsx'
import { screenIcons } from './screen-icons.ts'

/** Ctrl or Cmd and K: every screen, registry, cluster and action of the shell by name. */
export function CommandPalette() {
  const { t } = useTranslation('shell')
  const { query } = useWire()
  const queries = useQueryClient()
  const { data: entries = [] } = useQuery(query.registries.list.queryOptions())
  const { data: capabilities } = useQuery(query.host.capabilities.queryOptions())
  const { data: sources = [] } = useQuery(query.mirrors.sources.queryOptions())
  const dialog = useRegistryDialog()
  const sourceDialog = useSourceDialog()
  const choose = useClusters((clusters) => clusters.choose)
  const setMirrors = useMirrorOptions((options) => options.set)
  const startDemo = useStartDemo()
  const stopDemo = useStopDemo()
  const { colorScheme } = useMantineColorScheme()
  const update = useMutation(
    query.settings.update.mutationOptions({
      onSuccess: (settings) => queries.setQueryData(query.settings.get.queryKey(), settings),
    }),
  )
  const theme = (id: Settings['theme'], label: string, Icon: typeof IconSun): SpotlightActionData[] =>
    (id === 'system' ? 'auto' : id) === colorScheme
      ? []
      : [
          {
            id: `theme-${id}`,
            label,
            leftSection: <Icon size={16} />,
            onClick: () => update.mutate({ theme: id }),
          },
        ]

  return (
    <Spotlight
      shortcut={['mod + K']}
      nothingFound={t('palette.empty')}
      highlightQuery
      scrollable
      maxHeight={400}
      attributes={{ content: { 'aria-label': t('search') } }}
      searchProps={{ placeholder: t('search'), 'aria-label': t('search') }}
      actions={[
        {
          group: t('palette.screens'),
          actions: screens.map((name) => {
            const Icon = screenIcons[name]
            return {
              id: `screen-${name}`,
              label: t(`screens.${name}`),
              leftSection: <Icon size={16} />,
              onClick: () => goTo(name),
            }
          }),
        },
        {
          group: t('palette.registries'),
          actions: entries.map((entry) => ({
            id: `registry-${entry.id}`,
            label: entry.name,
            description: entry.url,
            leftSection: <IconDatabase size={16} />,
            onClick: () => goTo('registries', entry.id),
          })),
        },
        {
          group: t('palette.clusters'),
          actions: sources.map(({ id, name }) => ({
            id: `cluster-${id}`,
            label: t('mirrorsOf', { name }),
            leftSection: <IconAffiliate size={16} />,
            onClick: () => {
              choose(id)
              goTo('mirrors')
            },
          })),
        },
        {
          group: t('palette.actions'),
          actions: [
            {
              id: 'who-has-it',
              label: t('whoHasIt'),
              leftSection: <IconZoomQuestion size={16} />,
              onClick: () => {
                setMirrors({ view: 'content' })
                goTo('mirrors')
              },
            },
            {
              id: 'add-registry',
              label: t('addRegistry'),
              leftSection: <IconPlus size={16} />,
              onClick: () => dialog.open({ job: 'add' }),
            },
            {
              id: 'add-cluster',
              label: t('addCluster'),
              leftSection: <IconPlus size={16} />,
              onClick: () => sourceDialog.open({ job: 'add', kind: 'kubernetes' }),
            },
            capabilities?.demo === true
              ? {
                  id: 'stop-demo',
                  label: t('stopDemo'),
                  leftSection: <IconFlaskOff size={16} />,
                  onClick: () => stopDemo.mutate(undefined),
                }
              : {
                  id: 'start-demo',
                  label: t('tryDemo'),
                  leftSection: <IconFlask size={16} />,
                  onClick: () => startDemo.mutate(undefined),
                },
            ...theme('light', t('palette.light'), IconSun),
            ...theme('dark', t('palette.dark'), IconMoon),
            ...theme('system', t('palette.system'), IconSunMoon),
          ],
        },
      ]}
    />
  )
}
