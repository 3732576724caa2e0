import { Button, Tooltip } from '@mantine/core'
import { IconArrowsExchange, IconRoute } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'

/** Looks at the way to the registry, and changes it. */
export function PathTools({
  relayed,
  busy,
  onCheck,
  onRelay,
}: {
  /** Whether the registry's relay runs; then its panel has the controls. */
  relayed: boolean
  busy: boolean
  onCheck: () => void
  onRelay: () => void
}) {
  const { t } = useTranslation('path')
  return (
    <>
      <Button
        variant="subtle"
        size="compact-sm"
        aria-haspopup="dialog"
        leftSection={<IconRoute size={15} />}
        onClick={onCheck}
      >
        {t('open')}
      </Button>
      {!relayed && (
        <Tooltip label={t('relay.startMeaning')} multiline maw={300}>
          <Button
            variant="subtle"
            size="compact-sm"
            loading={busy}
            leftSection={<IconArrowsExchange size={15} />}
            onClick={onRelay}
          >
            {t('relay.start')}
          </Button>
        </Tooltip>
      )}
    </>
  )
}
