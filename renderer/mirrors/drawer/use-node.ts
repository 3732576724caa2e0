import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import type { AgentDetail } from '../../../shared/model/mirror-detail.ts'
import type { MirrorView, MirrorWindow } from '../../../shared/model/mirror.ts'
import type { AgentKey } from '../../state/mirror-options.ts'
import { useWire } from '../../state/wire.tsx'
import { chartRange, chartSteps } from './chart.ts'

/** Milliseconds a moment of the playback stands before its numbers are asked for. */
const settling = 250

/** Milliseconds an answer is kept after the next has come. */
const keptFor = 30_000

/** What is known of a node, with the time it counts. */
export interface NodeDetail {
  readonly window: MirrorWindow
  /** Of the view it belongs to, ms since 1970. */
  readonly at: number
  readonly detail: AgentDetail
}

/**
 * Everything about one agent and its past steps, read anew with every view; what is there stays until the next has
 * come. A component is about one agent: key it.
 */
export function useNode({ source, id }: AgentKey, view: Pick<MirrorView, 'at' | 'window'>) {
  const { client, query } = useWire()
  // of a moving playback only the moment it rests at is asked for
  const [settled] = useDebouncedValue(JSON.stringify({ at: view.at, window: view.window }), settling)
  const { at, window } = JSON.parse(settled) as Pick<MirrorView, 'at' | 'window'>
  const detail = useQuery({
    queryKey: [...query.mirrors.detail.key(), source, id, settled],
    queryFn: async ({ signal }): Promise<NodeDetail> => ({
      window,
      at,
      detail: await client.mirrors.detail({ source, id, window }, { signal }),
    }),
    placeholderData: keepPreviousData,
    gcTime: keptFor,
  })
  const series = useQuery({
    queryKey: [...query.mirrors.series.key(), source, id, settled],
    queryFn: ({ signal }) =>
      client.mirrors.series(
        { agent: { source, id }, ...chartRange(window, at), points: chartSteps },
        { signal },
      ),
    placeholderData: keepPreviousData,
    gcTime: keptFor,
  })
  return { detail, series }
}
