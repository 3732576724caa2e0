import { Button, Popover, Radio, SegmentedControl, Select, Stack } from '@mantine/core'
import { IconAdjustmentsHorizontal } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { printBytes } from '../../shared/model/path-check.ts'
import {
  modeOfStrategy,
  strategyOf,
  strategySchema,
  switchModes,
  type UploadMode,
  uploadModeSchema,
} from '../../shared/model/upload.ts'
import styles from './mode-switch.module.css'

/** Bytes of a chunk that are offered: what proxies limit bodies to, and what registries ask for at least. */
const chunkSizes = [64, 256, 1024, 5 * 1024, 16 * 1024, 64 * 1024].map((kibibytes) => kibibytes * 1024)

interface ModeSwitchProps {
  mode: UploadMode
  chunkBytes: number | undefined
  disabled: boolean
  /** The id of what says what the mode does. */
  describedBy: string
  onMode: (mode: UploadMode) => void
  onChunkBytes: (bytes: number | undefined) => void
}

/** Auto, Buffered or Streamed; behind "Advanced" the four shapes one by one and the size of chunks. */
export function ModeSwitch({
  mode,
  chunkBytes,
  disabled,
  describedBy,
  onMode,
  onChunkBytes,
}: ModeSwitchProps) {
  const { t } = useTranslation('publish')
  // a shape the switch does not offer is named on the button, so that it never hides
  const hidden = switchModes.some((offered) => offered === mode) ? undefined : mode
  return (
    <div className={styles.switch}>
      <Popover position="bottom-end" width={340} trapFocus returnFocus shadow="md">
        <Popover.Target>
          <Button
            variant={hidden === undefined ? 'subtle' : 'light'}
            size="compact-sm"
            className={styles.advanced}
            disabled={disabled}
            leftSection={<IconAdjustmentsHorizontal size={15} />}
          >
            {hidden === undefined ? t('mode.advanced') : t('mode.advancedNow', { mode: t(`mode.${hidden}`) })}
          </Button>
        </Popover.Target>
        <Popover.Dropdown aria-label={t('mode.advanced')}>
          <Radio.Group
            label={t('mode.shape')}
            value={mode === 'auto' ? null : strategyOf(mode)}
            onChange={(chosen) => onMode(modeOfStrategy(strategySchema.parse(chosen)))}
          >
            <Stack gap={8} mt={8}>
              {strategySchema.options.map((strategy) => (
                <Radio
                  key={strategy}
                  size="xs"
                  value={strategy}
                  label={t(`mode.${strategy}`)}
                  description={t(`mode.${strategy}Short`)}
                />
              ))}
            </Stack>
          </Radio.Group>
          <Select
            mt={12}
            label={t('mode.chunkSize')}
            description={t('mode.chunkSizeMeaning')}
            allowDeselect={false}
            comboboxProps={{ withinPortal: false }}
            value={String(chunkBytes ?? 0)}
            onChange={(value) => onChunkBytes(value === null || value === '0' ? undefined : Number(value))}
            data={[
              { value: '0', label: t('mode.chunkSizeUsual') },
              ...chunkSizes.map((bytes) => ({ value: String(bytes), label: printBytes(bytes) })),
            ]}
          />
        </Popover.Dropdown>
      </Popover>
      <SegmentedControl
        size="sm"
        aria-label={t('mode.label')}
        aria-describedby={describedBy}
        value={mode}
        disabled={disabled}
        onChange={(chosen) => onMode(uploadModeSchema.parse(chosen))}
        data={switchModes.map((value) => ({ value, label: t(`mode.${value}`) }))}
      />
    </div>
  )
}
