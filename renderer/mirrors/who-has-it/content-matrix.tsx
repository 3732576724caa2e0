import { UnstyledButton } from '@mantine/core'
import { IconArrowDown, IconArrowUp } from '@tabler/icons-react'
import { useVirtualizer } from '@tanstack/react-virtual'
import { useMemo, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { ContentItem, ContentMap, ContentNode } from '../../../shared/model/content-map.ts'
import { FailurePanel } from '../../parts/failure-panel.tsx'
import { formatBytes, shortDigest } from '../../parts/format.ts'
import styles from './content-matrix.module.css'
import { type ContentColumn, type ContentOrder, sortNodes } from './content-order.ts'
import { PullSplit } from './pull-split.tsx'

const rowHeight = 28
const parts = ['local', 'peers', 'upstream'] as const

/** Nodes by parts of the image: full is "has it", empty "lacks it", hatched "did not say". A row opens its pull. */
export function ContentMatrix({ map }: { map: ContentMap }) {
  const { t } = useTranslation('content')
  const [order, setOrder] = useState<ContentOrder>({ column: 'node', descending: false })
  const [opened, setOpened] = useState<string>()
  const nodes = useMemo(() => sortNodes(map.nodes, order), [map.nodes, order])
  const frame = useRef<HTMLDivElement>(null)
  const virtual = useVirtualizer({
    count: nodes.length,
    getScrollElement: () => frame.current,
    estimateSize: () => rowHeight,
    overscan: 12,
  })
  const shown = virtual.getVirtualItems()
  const before = shown[0]?.start ?? 0
  const after = virtual.getTotalSize() - (shown.at(-1)?.end ?? 0)
  const columns = map.items.length + parts.length + 1
  const chosen = nodes.find((node) => keyOf(node) === opened)
  const sortBy = (column: ContentColumn) =>
    setOrder({ column, descending: order.column === column ? !order.descending : column !== 'node' })
  const head = (column: ContentColumn) => (
    <th
      key={column}
      scope="col"
      data-column={column}
      aria-sort={order.column === column ? (order.descending ? 'descending' : 'ascending') : 'none'}
    >
      <UnstyledButton className={styles.sort} onClick={() => sortBy(column)}>
        {t(`matrix.${column}`)}
        {order.column === column &&
          (order.descending ? <IconArrowDown size={13} /> : <IconArrowUp size={13} />)}
      </UnstyledButton>
    </th>
  )
  return (
    <>
      {/* a region that scrolls must be reachable by keyboard */}
      <div ref={frame} className={styles.frame} tabIndex={0} role="region" aria-label={t('matrix.label')}>
        <table className={styles.table} aria-rowcount={nodes.length + 1}>
          <thead>
            <tr>
              {head('node')}
              {map.items.map((item, index) => (
                <ItemHead key={item.digest} item={item} number={layerNumber(map.items, index)} />
              ))}
              {parts.map(head)}
            </tr>
          </thead>
          <tbody>
            <Gap columns={columns} height={before} />
            {shown.map((row) => {
              const node = nodes[row.index]
              return node === undefined ? undefined : (
                <NodeRow
                  key={keyOf(node)}
                  node={node}
                  items={map.items}
                  index={row.index}
                  open={keyOf(node) === opened}
                  onToggle={() => setOpened(keyOf(node) === opened ? undefined : keyOf(node))}
                />
              )
            })}
            <Gap columns={columns} height={after} />
          </tbody>
        </table>
      </div>
      <ul className={styles.legend} aria-label={t('matrix.legend')}>
        {(['has', 'lacks', 'failed'] as const).map((holding) => (
          <li key={holding}>
            <span className={styles.cell} data-holding={holding} aria-hidden />
            {t(`holding.${holding}`)}
          </li>
        ))}
        <li className={styles.caveat}>{t('matrix.caveat')}</li>
      </ul>
      {chosen !== undefined && (
        <div className={styles.pull}>
          <PullSplit node={chosen} />
          {chosen.failure !== undefined && <FailurePanel failure={chosen.failure} />}
        </div>
      )}
    </>
  )
}

/** Rows that are not in the document keep their height. */
function Gap({ columns, height }: { columns: number; height: number }) {
  if (height <= 0) return undefined
  return (
    <tr aria-hidden>
      <td colSpan={columns} style={{ height }} />
    </tr>
  )
}

function ItemHead({ item, number }: { item: ContentItem; number: number }) {
  const { t, i18n } = useTranslation('content')
  const size = item.bytes === undefined ? '' : formatBytes(item.bytes, i18n.language)
  const title = [t(`kind.${item.kind}`, { number }), size, item.mediaType, item.digest].filter(Boolean)
  return (
    <th scope="col" data-column="item" title={title.join('\n')}>
      <span className={styles.kind}>{t(`kind.${item.kind}`, { number })}</span>
      <span className={styles.size}>{size === '' ? shortDigest(item.digest).slice(0, 6) : size}</span>
    </th>
  )
}

function NodeRow({
  node,
  items,
  index,
  open,
  onToggle,
}: {
  node: ContentNode
  items: readonly ContentItem[]
  index: number
  open: boolean
  onToggle: () => void
}) {
  const { t, i18n } = useTranslation('content')
  return (
    <tr aria-rowindex={index + 2} data-open={open || undefined}>
      <th scope="row" data-column="node">
        <UnstyledButton
          className={styles.node}
          aria-expanded={open}
          title={t('matrix.open', { node: node.name })}
          onClick={onToggle}
        >
          {node.name}
        </UnstyledButton>
      </th>
      {items.map((item, column) => {
        const holding = node.holds[column] ?? 'not-asked'
        return (
          <td key={item.digest} data-column="item">
            <span
              role="img"
              className={styles.cell}
              data-holding={holding === 'not-asked' ? 'failed' : holding}
              aria-label={t(`holding.${holding}`)}
            />
          </td>
        )
      })}
      {parts.map((part) => (
        <td key={part} data-column={part}>
          {node.bytes === undefined ? t('matrix.unknown') : formatBytes(node.bytes[part], i18n.language)}
        </td>
      ))}
    </tr>
  )
}

function keyOf({ source, agent }: ContentNode): string {
  return `${source} ${agent}`
}

/** Layers are numbered from the bottom, as `docker history` and manifests list them. */
function layerNumber(items: readonly ContentItem[], index: number): number {
  return items.slice(0, index + 1).filter(({ kind }) => kind === 'layer').length
}
