import { once } from 'node:events'
import type { Server } from 'node:http'

/** Puts a server on 127.0.0.1; port 0 lets the system choose. `stop` cuts what is still open. */
export async function listen(server: Server, port: number): Promise<{ port: number; stop(): Promise<void> }> {
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  return {
    port: address.port,
    stop: async () => {
      if (!server.listening) return
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}
