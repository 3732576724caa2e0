import { startTransition, useEffect, useRef, useState } from 'react'
import type { Failure } from '../../shared/model/failure.ts'
import type { MirrorView, MirrorWindow } from '../../shared/model/mirror.ts'
import { failureOf } from '../state/failure-of.ts'
import { useWire } from '../state/wire.tsx'

/** What is asked for; `sources` left out means all. */
export interface Asked {
  readonly window: MirrorWindow
  readonly sources?: string[]
}

/**
 * The newest view of what is asked. Live, it is followed; every new `occasion` (other sources, a reconnect, "try again")
 * subscribes anew. Paused, what is there stays, and only another question is asked, once. `failure` is the call's own: a
 * source's and an agent's are in the view.
 */
export function useView(
  asked: Asked,
  { occasion, live }: { occasion: string; live: boolean },
): { view: MirrorView | undefined; failure: Failure | undefined } {
  const { client } = useWire()
  const [view, setView] = useState<MirrorView>()
  const [failure, setFailure] = useState<Failure>()
  const question = JSON.stringify(asked)
  const answered = useRef<string>(undefined)
  useEffect(() => {
    const mine = `${occasion} ${question}`
    if (!live && answered.current === mine) return undefined
    const ended = new AbortController()
    const input = JSON.parse(question) as Asked
    const show = (next: MirrorView) => {
      if (ended.signal.aborted) return
      answered.current = mine
      // a map of 2,000 nodes takes its time to be made anew; whoever scrolls does not wait for it
      startTransition(() => {
        setView(next)
        setFailure(undefined)
      })
    }
    const follow = async () => {
      if (!live) return show(await client.mirrors.view(input, { signal: ended.signal }))
      for await (const next of await client.mirrors.watch(input, { signal: ended.signal })) show(next)
    }
    follow().catch((error: unknown) => {
      if (!ended.signal.aborted) setFailure(failureOf(error))
    })
    return () => ended.abort()
  }, [client, question, occasion, live])
  return { view, failure }
}
