import { useEffect, useRef, useState } from 'react'
import type { z } from 'zod'
import type { Failure } from '../../shared/model/failure.ts'
import type { PathCheckReport, PathCheckResult, pathCheckInputSchema } from '../../shared/model/path-check.ts'
import { failureOf } from './failure-of.ts'
import { useWire } from './wire.tsx'

interface Run {
  readonly status: 'idle' | 'running' | 'done' | 'cancelled' | 'failed'
  /** Cells in the order they ended. */
  readonly results: readonly PathCheckResult[]
  readonly report?: PathCheckReport
  readonly failure?: Failure
}

export interface PathCheck extends Run {
  /** Begins anew; what was found before is gone. */
  start(input: z.input<typeof pathCheckInputSchema>): Promise<void>
  /** Stops at once: the iterator is closed and with it the socket. What was found stays. */
  cancel(): void
}

/** One check of the path to a registry; it ends with the caller. */
export function usePathCheck(): PathCheck {
  const { client } = useWire()
  const [run, setRun] = useState<Run>({ status: 'idle', results: [] })
  const current = useRef<AbortController>(undefined)

  useEffect(() => () => current.current?.abort(), [])

  return {
    ...run,
    start: async (input) => {
      current.current?.abort()
      const controller = new AbortController()
      current.current = controller
      const { signal } = controller
      setRun({ status: 'running', results: [] })
      try {
        const cells = await client.publish.checkPath(input, { signal })
        for (;;) {
          const { done, value } = await cells.next()
          if (signal.aborted) return
          if (done === true) {
            setRun({ status: 'done', results: value.results, report: value })
            return
          }
          setRun((before) => ({ ...before, results: [...before.results, value] }))
        }
      } catch (error) {
        if (signal.aborted) return
        setRun(({ results }) => ({ status: 'failed', results, failure: failureOf(error) }))
      }
    },
    cancel: () => {
      current.current?.abort()
      setRun(({ results }) => ({ status: 'cancelled', results }))
    },
  }
}
