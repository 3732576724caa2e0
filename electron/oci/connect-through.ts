import type { Ask, Transport } from './ask.ts'
import type { Connection } from './connection.ts'

/**
 * A transport whose asks travel as `connection` says. The registry's own origin gets all of it; what leads
 * elsewhere (token service, storage) gets the proxy and the authorities alone.
 */
export function connectThrough(transport: Transport, url: string, connection: Connection): Transport {
  const { origin } = new URL(url)
  const { proxy, tls } = connection
  const elsewhere: Connection = {
    ...(proxy !== undefined ? { proxy } : {}),
    ...(tls?.ca !== undefined ? { tls: { ca: tls.ca } } : {}),
  }
  const through = (ask: Ask): Ask => ({
    ...ask,
    connection: new URL(ask.url).origin === origin ? connection : elsewhere,
  })
  return {
    send: (ask) => transport.send(through(ask)),
    open: (ask) => transport.open(through(ask)),
    close: transport.close,
  }
}
