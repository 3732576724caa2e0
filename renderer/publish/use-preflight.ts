import { useEffect, useRef, useState } from 'react'
import type { Failure } from '../../shared/model/failure.ts'
import type { PreflightCheck, PreflightInput, PreflightReport } from '../../shared/model/preflight.ts'
import { failureOf } from '../state/failure-of.ts'
import { useConnection, useWire } from '../state/wire.tsx'

/** Milliseconds a path that is being typed rests before a registry is asked about it. */
const rest = 250

/** A preflight under way or ended; `key` tells one target from another. */
export interface PreflightRun {
  readonly key: string
  /** `idle`: there is no target that could be looked at. */
  readonly status: 'idle' | 'running' | 'done' | 'failed'
  /** Those that have ended, in the order they did. */
  readonly checks: readonly PreflightCheck[]
  readonly report?: PreflightReport
  /** The preflight's own; what a check met is in its line. */
  readonly failure?: Failure
}

/**
 * Looks at `input`, and anew whenever it or `occasion` changes; what ran before is ended. While `paused` what is there
 * stays as it is.
 */
export function usePreflight(
  input: PreflightInput | undefined,
  { occasion, paused }: { occasion: string; paused: boolean },
): PreflightRun & { again: () => void } {
  const { client } = useWire()
  const { generation } = useConnection()
  const [tries, setTries] = useState(0)
  const [run, setRun] = useState<PreflightRun>()
  const asked = input === undefined ? '' : JSON.stringify(input)
  const key = JSON.stringify([asked, occasion, tries, generation])
  const isFirst = useRef(true)

  useEffect(() => {
    if (paused || asked === '') return
    const ended = new AbortController()
    let checks: readonly PreflightCheck[] = []
    const tell = (change: Omit<PreflightRun, 'key' | 'checks'>) => {
      if (!ended.signal.aborted) setRun({ key, checks, ...change })
    }
    const look = async () => {
      const events = await client.publish.preflight(JSON.parse(asked) as PreflightInput, {
        signal: ended.signal,
      })
      for (;;) {
        const { done, value } = await events.next()
        if (done === true) return tell({ status: 'done', report: value })
        checks = [...checks, value]
        tell({ status: 'running' })
      }
    }
    const begin = () => {
      look().catch((error: unknown) => tell({ status: 'failed', failure: failureOf(error) }))
    }
    const timer = setTimeout(begin, isFirst.current ? 0 : rest)
    isFirst.current = false
    return () => {
      clearTimeout(timer)
      ended.abort()
    }
  }, [client, asked, key, paused])

  const again = () => setTries((count) => count + 1)
  if (asked === '') return { key, status: 'idle', checks: [], again }
  const shown = run !== undefined && (paused || run.key === key) ? run : undefined
  return { ...(shown ?? { key, status: 'running', checks: [] }), again }
}

/** What of a preflight decides whether Publish may be pressed. `overwrites` names what the tag holds and may go. */
export interface Verdict {
  blocked: number
  /** Digest under the tag, where other content waits for a decision. */
  overwrites: string | undefined
}

/** What is known so far; a preflight that failed as such forbids nothing: the registry will tell. */
export function verdictOf({ status, checks }: Pick<PreflightRun, 'status' | 'checks'>): Verdict {
  if (status === 'failed') return { blocked: 0, overwrites: undefined }
  return {
    blocked: checks.filter(({ outcome }) => outcome === 'blocked').length,
    overwrites: checks.find(({ outcome }) => outcome === 'decide')?.values['digest'],
  }
}
