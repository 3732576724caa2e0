import { useEffect, useRef, useState } from 'react'
import type { ContentMap, ContentProgress } from '../../../shared/model/content-map.ts'
import type { Failure } from '../../../shared/model/failure.ts'
import { failureOf } from '../../state/failure-of.ts'
import { useWire } from '../../state/wire.tsx'

/** What is asked for: an image, and where its registry's credential comes from. */
export interface ContentQuestion {
  readonly reference: string
  readonly platform?: string
  readonly registryId?: string
  readonly sources?: string[]
}

/** The asking, and what came of it. A map stays while the next question is asked. */
export interface Asking {
  readonly status: 'asking' | 'done' | 'failed' | 'cancelled'
  readonly progress?: ContentProgress
  readonly map?: ContentMap
  readonly failure?: Failure
}

/** Asks one question at a time; it ends with the screen. */
export function useContentMap(): {
  asking: Asking | undefined
  ask: (question: ContentQuestion) => Promise<void>
  cancel: () => void
} {
  const { client } = useWire()
  const [asking, setAsking] = useState<Asking>()
  const running = useRef<AbortController>(undefined)
  useEffect(() => () => running.current?.abort(), [])

  const ask = async (question: ContentQuestion): Promise<void> => {
    running.current?.abort()
    const controller = new AbortController()
    running.current = controller
    const keep = (next: Asking) => {
      if (!controller.signal.aborted) {
        setAsking((now) => ({ ...(now?.map === undefined ? {} : { map: now.map }), ...next }))
      }
    }
    keep({ status: 'asking' })
    try {
      const events = await client.mirrors.whoHasIt(question, { signal: controller.signal })
      for (;;) {
        const { done, value } = await events.next()
        if (done === true) return keep({ status: 'done', map: value })
        keep({ status: 'asking', progress: value })
      }
    } catch (error) {
      keep({ status: 'failed', failure: failureOf(error) })
    }
  }

  const cancel = () => {
    running.current?.abort()
    setAsking((now) => (now?.status === 'asking' ? { ...now, status: 'cancelled' } : now))
  }
  return { asking, ask, cancel }
}
