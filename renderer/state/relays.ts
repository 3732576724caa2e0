import { useMutation } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import type { Failure } from '../../shared/model/failure.ts'
import type { RelayState } from '../../shared/model/path-check.ts'
import { failureOf } from './failure-of.ts'
import { useConnection, useWire } from './wire.tsx'

export interface RelayControl {
  /** The registry's relay while it runs. */
  readonly relay: RelayState | undefined
  readonly busy: boolean
  /** Why it could not be started, stopped or looked at. */
  readonly failure: Failure | undefined
  /** Resolves to whether it runs; never rejects. */
  start(): Promise<boolean>
  stop(): Promise<void>
}

/** The relay of one registry, followed while the caller is on screen. */
export function useRelay(registryId: string): RelayControl {
  const { client } = useWire()
  const { generation } = useConnection()
  const [relays, setRelays] = useState<readonly RelayState[]>([])
  const [failure, setFailure] = useState<Failure>()

  useEffect(() => {
    if (generation === 0) return undefined
    const ended = new AbortController()
    const follow = async () => {
      const states = await client.publish.relays(undefined, { signal: ended.signal })
      for await (const now of states) {
        if (ended.signal.aborted) return
        setRelays(now)
      }
    }
    follow().catch((error: unknown) => {
      if (!ended.signal.aborted) setFailure(failureOf(error))
    })
    return () => ended.abort()
  }, [client, generation])

  const start = useMutation({ mutationFn: () => client.publish.startRelay({ registryId }) })
  const stop = useMutation({ mutationFn: () => client.publish.stopRelay({ registryId }) })
  const error = start.error ?? stop.error

  return {
    relay: relays.find((each) => each.registryId === registryId),
    busy: start.isPending || stop.isPending,
    failure: error === null ? failure : failureOf(error),
    start: () =>
      start.mutateAsync(undefined).then(
        () => true,
        () => false,
      ),
    stop: () =>
      stop.mutateAsync(undefined).then(
        () => undefined,
        () => undefined,
      ),
  }
}
