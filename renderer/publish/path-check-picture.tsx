import { Loader, Tooltip, UnstyledButton, VisuallyHidden } from '@mantine/core'
import { IconCheck, IconX } from '@tabler/icons-react'
import { Fragment, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { type PathCheckResult, printBytes } from '../../shared/model/path-check.ts'
import { routeSchema, strategySchema } from '../../shared/model/upload.ts'
import { Fact, Facts } from '../parts/facts.tsx'
import { formatDuration } from '../parts/format.ts'
import styles from './path-check-picture.module.css'
import { type CellState, stateOf } from './path-grid.ts'

/** Rows are shapes, columns sizes, the two routes side by side; a failed cell says who answered and opens. */
export function PathCheckPicture({
  bytes,
  results,
  running,
  idle,
}: {
  bytes: readonly number[]
  results: readonly PathCheckResult[]
  running: boolean
  /** Nothing was tried yet. */
  idle: boolean
}) {
  const { t } = useTranslation('path')
  const { t: publish } = useTranslation('publish')
  const [opened, setOpened] = useState<PathCheckResult>()
  const shown = opened !== undefined && results.includes(opened) ? opened : undefined
  return (
    <>
      <table className={styles.picture}>
        <caption>
          <VisuallyHidden>{t('caption')}</VisuallyHidden>
        </caption>
        <thead>
          <tr>
            <td className={styles.shapes} />
            {routeSchema.options.map((route, at) => (
              <Fragment key={route}>
                {at > 0 && <td className={styles.gap} />}
                <th scope="colgroup" colSpan={bytes.length} className={styles.route}>
                  {t(`routes.${route}`)} <span className={styles.note}>{t(`routes.${route}Note`)}</span>
                </th>
              </Fragment>
            ))}
          </tr>
          <tr>
            <td />
            {routeSchema.options.map((route, at) => (
              <Fragment key={route}>
                {at > 0 && <td />}
                {bytes.map((size) => (
                  <th key={size} scope="col">
                    {printBytes(size)}
                  </th>
                ))}
              </Fragment>
            ))}
          </tr>
        </thead>
        <tbody>
          {strategySchema.options.map((strategy) => (
            <tr key={strategy}>
              <th scope="row">{publish(`mode.${strategy}`)}</th>
              {routeSchema.options.map((route, at) => (
                <Fragment key={route}>
                  {at > 0 && <td />}
                  {bytes.map((size) => {
                    const state: CellState = idle
                      ? { is: 'waiting' }
                      : stateOf({ route, strategy, bytes: size }, results, bytes, running)
                    return (
                      <td key={size}>
                        <CellBox
                          state={state}
                          opened={'result' in state && state.result === shown}
                          onOpen={setOpened}
                        />
                      </td>
                    )
                  })}
                </Fragment>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {shown?.failure !== undefined && <Detail result={shown} failure={shown.failure} />}
    </>
  )
}

function CellBox({
  state,
  opened,
  onOpen,
}: {
  state: CellState
  opened: boolean
  onOpen: (result: PathCheckResult) => void
}) {
  const { t, i18n } = useTranslation(['path', 'failure'])
  if (!('result' in state)) {
    return (
      <span className={styles.box} data-state={state.is}>
        {state.is === 'running' && <Loader size={12} aria-hidden />}
        {state.is === 'waiting' ? (
          <VisuallyHidden>{t('cell.waiting')}</VisuallyHidden>
        ) : (
          t(`cell.${state.is}`)
        )}
      </span>
    )
  }
  const { result } = state
  const { failure } = result
  const time = formatDuration(result.milliseconds, i18n.language)
  if (failure === undefined) {
    return (
      <span className={styles.box} data-state="passed">
        <IconCheck size={13} stroke={2.4} aria-hidden />
        <VisuallyHidden>{t('cell.passed')}</VisuallyHidden>
        {time}
      </span>
    )
  }
  const words = `${t(`failure:kinds.${failure.kind}.title`)}. ${t('answered', {
    who: t(`failure:answeredBy.${failure.answeredBy}`),
  })}`
  return (
    <Tooltip label={words} multiline maw={300}>
      <UnstyledButton
        className={styles.box}
        data-state="failed"
        aria-expanded={opened}
        onClick={() => onOpen(result)}
      >
        <IconX size={13} stroke={2.4} aria-hidden />
        <span>
          <VisuallyHidden>{t('cell.failed')} </VisuallyHidden>
          {failure.status !== undefined && <span className={styles.status}>{failure.status} </span>}
          {t(`by.${failure.answeredBy}`)}
          <VisuallyHidden>. {words}</VisuallyHidden>
        </span>
      </UnstyledButton>
    </Tooltip>
  )
}

function Detail({
  result,
  failure,
}: {
  result: PathCheckResult
  failure: NonNullable<PathCheckResult['failure']>
}) {
  const { t } = useTranslation(['path', 'failure', 'publish'])
  return (
    <section className={styles.detail} aria-live="polite">
      <h3 className={styles.title}>
        {t(`publish:mode.${result.strategy}`)}, {printBytes(result.bytes)}, {t(`ways.${result.route}`)}:{' '}
        {t(`failure:kinds.${failure.kind}.title`)}
      </h3>
      <p className={styles.meaning}>{t(`failure:kinds.${failure.kind}.meaning`)}</p>
      <Facts>
        <Fact name={t('failure:answeredBy.label')}>
          {t(`failure:answeredBy.${failure.answeredBy}`)}
          {failure.status !== undefined && <span className="mono"> {failure.status}</span>}
        </Fact>
        {failure.evidence
          .filter(({ fact }) => fact !== 'status')
          .map(({ fact, value }) => (
            <Fact key={`${fact} ${value}`} name={t(`failure:facts.${fact}`)} mono>
              {value}
            </Fact>
          ))}
      </Facts>
    </section>
  )
}
