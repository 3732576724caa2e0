import { useEffect, useRef, useState } from 'react'
import type { Failure } from '../../shared/model/failure.ts'
import type { PullAttempt, PullInput, PullReport } from '../../shared/model/pull.ts'
import { failureOf } from '../state/failure-of.ts'
import { useWire } from '../state/wire.tsx'

/** A walk under way or ended; `input` is what it was started with. */
export interface Walk {
  readonly status: 'walking' | 'done' | 'failed' | 'cancelled'
  readonly input: PullInput
  readonly attempts: readonly PullAttempt[]
  readonly report?: PullReport
  /** The walk's own: bad input, a lost connection. A hop's failure is in its attempt. */
  readonly failure?: Failure
}

/** Runs one walk at a time; it ends with the screen. */
export function useWalk(): {
  walk: Walk | undefined
  start: (input: PullInput) => Promise<Walk['status']>
  cancel: () => void
} {
  const { client } = useWire()
  const [walk, setWalk] = useState<Walk>()
  const running = useRef<AbortController>(undefined)
  useEffect(() => () => running.current?.abort(), [])

  const start = async (input: PullInput): Promise<Walk['status']> => {
    running.current?.abort()
    const controller = new AbortController()
    running.current = controller
    let attempts: readonly PullAttempt[] = []
    setWalk({ status: 'walking', input, attempts })
    try {
      const events = await client.pulls.walk(input, { signal: controller.signal })
      for (;;) {
        const { done, value } = await events.next()
        if (controller.signal.aborted) return 'cancelled'
        if (done === true) {
          setWalk({ status: 'done', input, attempts: value.attempts, report: value })
          return 'done'
        }
        attempts = [...attempts, value]
        setWalk({ status: 'walking', input, attempts })
      }
    } catch (error) {
      if (controller.signal.aborted) return 'cancelled'
      setWalk({ status: 'failed', input, attempts, failure: failureOf(error) })
      return 'failed'
    }
  }

  const cancel = () => {
    running.current?.abort()
    setWalk((now) => (now?.status === 'walking' ? { ...now, status: 'cancelled' } : now))
  }
  return { walk, start, cancel }
}
