import { useEffect, useState } from 'react'
import type { Failure } from '../../shared/model/failure.ts'
import type { MirrorRound } from '../../shared/model/mirror.ts'
import { failureOf } from '../state/failure-of.ts'
import { useWire } from '../state/wire.tsx'

/**
 * The newest round over all agents, live. Every new `occasion` (another list of agents, a reconnect, "try again")
 * begins anew with a round at once; undefined pauses and keeps what is there. `failure` is the watch's own: an
 * agent's is in its reading.
 */
export function useRounds(occasion: string | undefined): {
  round: MirrorRound | undefined
  failure: Failure | undefined
} {
  const { client } = useWire()
  const [round, setRound] = useState<MirrorRound>()
  const [failure, setFailure] = useState<Failure>()
  useEffect(() => {
    if (occasion === undefined) return
    const ended = new AbortController()
    const follow = async () => {
      const rounds = await client.mirrors.watch(undefined, { signal: ended.signal })
      for await (const next of rounds) {
        if (ended.signal.aborted) return
        setRound(next)
        setFailure(undefined)
      }
    }
    follow().catch((error: unknown) => {
      if (!ended.signal.aborted) setFailure(failureOf(error))
    })
    return () => ended.abort()
  }, [client, occasion])
  return { round, failure }
}
