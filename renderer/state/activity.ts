import { useEffect, useState } from 'react'
import type { Exchange } from '../../shared/model/exchange.ts'
import type { Failure } from '../../shared/model/failure.ts'
import { failureOf } from './failure-of.ts'
import { useConnection, useWire } from './wire.tsx'

/** As many as the main process keeps. */
const kept = 2000

export interface Activity {
  /** Newest first; undefined until the first batch is there. */
  exchanges: readonly Exchange[] | undefined
  failure: Failure | undefined
  clear: () => Promise<void>
}

/** Follows the app's HTTP exchanges while the caller is on screen. */
export function useActivity(): Activity {
  const { client } = useWire()
  const { generation } = useConnection()
  const [exchanges, setExchanges] = useState<readonly Exchange[]>()
  const [failure, setFailure] = useState<Failure>()

  useEffect(() => {
    if (generation === 0) return undefined
    const ended = new AbortController()
    const follow = async () => {
      const batches = await client.activity.watch(undefined, { signal: ended.signal })
      let first = true
      for await (const batch of batches) {
        if (ended.signal.aborted) return
        const newest = batch.toReversed()
        // the first batch is all that is kept: after a reconnect it takes the place of what was here
        const fresh = first
        first = false
        setExchanges((before) => (fresh ? newest : newestOf(newest, before ?? [])))
        setFailure(undefined)
      }
    }
    follow().catch((error: unknown) => {
      if (!ended.signal.aborted) setFailure(failureOf(error))
    })
    return () => ended.abort()
  }, [client, generation])

  return {
    exchanges,
    failure,
    clear: async () => {
      await client.activity.clear()
      setExchanges([])
    },
  }
}

function newestOf(newest: readonly Exchange[], before: readonly Exchange[]): readonly Exchange[] {
  const again = new Set(newest.map((one) => one.id))
  return [...newest, ...before.filter((one) => !again.has(one.id))].slice(0, kept)
}
