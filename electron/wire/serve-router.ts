import type { AnyRouter } from '@orpc/server'
import { RPCHandler } from '@orpc/server/ws'
import { z } from 'zod'
import type { Log } from '../log.ts'
import { type Carrier, maxMessageLength } from './carriers.ts'

/** What clients of ours send: a call (`p.u` names it, `p.b` is its input) or, with `t` 4, the end of one. */
const callSchema = z.union([
  z.strictObject({
    i: z.string().min(1).max(100),
    p: z.strictObject({ u: z.string().startsWith('/').max(200), b: z.unknown() }),
  }),
  z.strictObject({ i: z.string().min(1).max(100), t: z.literal(4) }),
])

/**
 * Serves `router` to whoever is at the other end until the carrier closes, which aborts every call of it.
 * A message that no client of ours sends closes the carrier.
 */
export function serveRouter(router: AnyRouter, carrier: Carrier, log: Log): void {
  const handler = new RPCHandler(router)
  // the two members of a ws that oRPC uses: a port in this shape is served by the same code, which catches
  // what a message makes go wrong; oRPC's own handler for ports would let it end the process
  const socket = {
    send: (message: string): void => carrier.send(message),
    addEventListener: (type: 'message' | 'close', listener: (event: { data: string }) => void): void => {
      if (type === 'close') carrier.onClose(() => listener({ data: '' }))
      else carrier.onMessage((message) => takeCall(message, listener))
    },
  }
  const takeCall = (message: unknown, listener: (event: { data: string }) => void): void => {
    if (typeof message === 'string' && isCall(message)) {
      listener({ data: message })
      return
    }
    log.warn('a message that is no call closed its carrier')
    carrier.close()
  }
  void handler.upgrade(socket as Parameters<typeof handler.upgrade>[0])
}

function isCall(message: string): boolean {
  if (message.length > maxMessageLength) return false
  try {
    return callSchema.safeParse(JSON.parse(message)).success
  } catch {
    return false
  }
}
