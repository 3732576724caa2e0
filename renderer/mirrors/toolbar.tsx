import { ActionIcon, Button, CloseButton, Menu, SegmentedControl, Tooltip } from '@mantine/core'
import { IconPlayerPause, IconPlayerPlay, IconRefresh } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import {
  type Grouping,
  type MirrorOptions,
  type SortKey,
  sortKeys,
  windowPresets,
} from '../state/mirror-options.ts'
import { ViewSwitch } from './view-switch.tsx'
import { rangeWords } from './window-words.ts'
import styles from './toolbar.module.css'

/** As what, over which time, in which order; live or paused. `children` is what else can be done with it. */
export function Toolbar({
  options,
  onWindow,
  grouping,
  groupings,
  state,
  refreshing,
  onRefresh,
  children,
}: {
  options: MirrorOptions
  onWindow: (change: Partial<Pick<MirrorOptions, 'preset' | 'range'>>) => void
  /** What is in use, and what would tell anything apart. */
  grouping: Grouping
  groupings: readonly Grouping[]
  /** Live or not, in words. */
  state: ReactNode
  refreshing: boolean
  onRefresh: () => void
  children: ReactNode
}) {
  const { t, i18n } = useTranslation('mirrors')
  const { preset, range, view, sort, paused, set } = options
  return (
    <div className={styles.bar}>
      <ViewSwitch />
      {range === undefined ? (
        <SegmentedControl
          size="sm"
          aria-label={t('window.label')}
          value={preset}
          onChange={(chosen) =>
            onWindow({ preset: windowPresets.find((one) => one === chosen) ?? preset, range: undefined })
          }
          data={windowPresets.map((value) => ({ value, label: t(`window.${value}`) }))}
        />
      ) : (
        <span className={styles.chip}>
          {rangeWords(range, i18n.language)}
          <CloseButton
            size="xs"
            aria-label={t('window.removeRange')}
            onClick={() => onWindow({ range: undefined })}
          />
        </span>
      )}
      {view === 'map' && (
        <>
          {groupings.length > 1 && (
            <Choice<Grouping>
              label={t('group.button', { by: t(`group.by.${grouping}`) })}
              title={t('group.label')}
              value={grouping}
              options={groupings.map((value) => ({ value, label: t(`group.by.${value}`) }))}
              onChange={(chosen) => set({ grouping: chosen })}
            />
          )}
          <Choice<SortKey>
            label={t('sort.button', { by: t(`sort.by.${sort}`) })}
            title={t('sort.label')}
            value={sort}
            options={sortKeys
              .filter((value) => value !== 'zone' || groupings.includes('zone'))
              .map((value) => ({ value, label: t(`sort.by.${value}`) }))}
            onChange={(chosen) => set({ sort: chosen })}
          />
        </>
      )}
      <div className={styles.end}>
        <span className={styles.state} role="status">
          {state}
        </span>
        <Tooltip label={t(paused ? 'resume' : 'pause')}>
          <ActionIcon
            size={31}
            aria-label={t(paused ? 'resume' : 'pause')}
            onClick={() => set({ paused: !paused })}
          >
            {paused ? <IconPlayerPlay size={16} /> : <IconPlayerPause size={16} />}
          </ActionIcon>
        </Tooltip>
        <Tooltip label={t('refresh')}>
          <ActionIcon size={31} aria-label={t('refresh')} loading={refreshing} onClick={onRefresh}>
            <IconRefresh size={16} />
          </ActionIcon>
        </Tooltip>
        {children}
      </div>
    </div>
  )
}

/** A button that says what is chosen and opens what could be. */
function Choice<T extends string>({
  label,
  title,
  value,
  options,
  onChange,
}: {
  label: string
  title: string
  value: T
  options: readonly { value: T; label: string }[]
  onChange: (value: T) => void
}) {
  return (
    <Menu position="bottom-start" shadow="sm">
      <Menu.Target>
        <Button variant="default">{label}</Button>
      </Menu.Target>
      <Menu.Dropdown aria-label={title}>
        <Menu.RadioGroup
          value={value}
          onChange={(chosen) => {
            const found = options.find((one) => one.value === chosen)
            if (found !== undefined) onChange(found.value)
          }}
        >
          {options.map((one) => (
            <Menu.RadioItem key={one.value} value={one.value}>
              {one.label}
            </Menu.RadioItem>
          ))}
        </Menu.RadioGroup>
      </Menu.Dropdown>
    </Menu>
  )
}
