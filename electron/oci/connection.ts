/** How a registry is reached, beside its address. */
export interface Connection {
  tls?: {
    /** PEM; trusted beside the system's roots. */
    ca?: readonly string[]
    /** PEM of a client certificate and its key; shown to the registry's own origin alone. */
    client?: { certificate: string; key: string }
    /** false takes any certificate of the registry's own origin. */
    verify?: boolean
    /** The name its certificate is to carry, where the address is one a name led to. */
    serverName?: string
  }
  /** `http://host:port` of a proxy. Absent: straight. */
  proxy?: string
  /** A loopback port the registry's own origin is reached through instead of its address. */
  relayPort?: number
}
