import { useEffect, useEffectEvent, useRef, useState } from 'react'
import { type PreflightRun, verdictOf } from './use-preflight.ts'

/**
 * Starts a publication when the preflight lets it: at once where it has ended, and where it still runs as soon as it
 * ends well. Another target forgets that Publish was pressed for this one.
 */
export function useGuardedStart(
  preflight: PreflightRun,
  overwrite: string | undefined,
  start: () => void,
): { allowed: boolean; waiting: boolean; press: () => void } {
  const [pressedFor, setPressedFor] = useState<string>()
  const { blocked, overwrites } = verdictOf(preflight)
  const allowed = blocked === 0 && (overwrites === undefined || overwrites === overwrite)
  const isOver = preflight.status === 'done' || preflight.status === 'failed'
  const waiting = pressedFor === preflight.key && !isOver && allowed

  const answered = useRef<string>(undefined)
  const answer = useEffectEvent(() => {
    // a press is answered once, by a start or by what is in the way
    if (answered.current === preflight.key) return
    answered.current = preflight.key
    if (allowed) start()
  })
  useEffect(() => {
    if (isOver && pressedFor === preflight.key) answer()
  }, [isOver, pressedFor, preflight.key])

  const press = () => {
    if (!allowed) return
    if (isOver) start()
    else setPressedFor(preflight.key)
  }
  return { allowed, waiting, press }
}
