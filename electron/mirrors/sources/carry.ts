import type { Ask, Transport } from '../../oci/ask.ts'
import type { Connection } from '../../oci/connection.ts'
import { authorizationOf, type SourceCredential } from './source.ts'

/**
 * A transport whose every ask carries the credential and the connection of a source: only for asks to the hosts these
 * were given for. What an ask says of its TLS itself comes on top.
 */
export function carry(
  transport: Transport,
  { credential, connection }: { credential?: SourceCredential; connection?: Connection },
): Transport {
  if (credential === undefined && connection === undefined) return transport
  const headers = credential === undefined ? {} : { authorization: authorizationOf(credential) }
  const carrying = (ask: Ask): Ask => ({
    ...ask,
    headers: { ...ask.headers, ...headers },
    connection: withTls({ ...connection, ...ask.connection }, connection?.tls, ask.connection?.tls),
  })
  return {
    send: (ask) => transport.send(carrying(ask)),
    open: (ask) => transport.open(carrying(ask)),
    close: transport.close,
  }
}

function withTls(connection: Connection, own: Connection['tls'], asked: Connection['tls']): Connection {
  return own === undefined || asked === undefined ? connection : { ...connection, tls: { ...own, ...asked } }
}
