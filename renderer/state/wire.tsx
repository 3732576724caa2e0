import { createORPCClient } from '@orpc/client'
import type { ContractRouterClient } from '@orpc/contract'
import { createTanstackQueryUtils, type RouterUtils } from '@orpc/tanstack-query'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { createContext, type ReactNode, useContext, useEffect, useState, useSyncExternalStore } from 'react'
import type { Contract } from '../../shared/contract/contract.ts'
import type { Connection, ConnectionState } from './connection.ts'
import { failureOf } from './failure-of.ts'

export type Client = ContractRouterClient<Contract>

export interface Wire {
  /** Calls of the contract, for streams and one-off jobs. */
  client: Client
  /** The same calls as TanStack Query options and keys. */
  query: RouterUtils<Client>
}

const WireContext = createContext<{ wire: Wire; connection: Connection } | undefined>(undefined)

/** Gives everything below it the contract's client; reads again what is on screen after a reconnect. */
export function WireProvider({ connection, children }: { connection: Connection; children: ReactNode }) {
  const [{ wire, queries }] = useState(() => {
    const client: Client = createORPCClient(connection.link)
    return { wire: { client, query: createTanstackQueryUtils(client) }, queries: createQueryClient() }
  })
  const { generation } = useSyncExternalStore(connection.subscribe, connection.snapshot)
  useEffect(() => {
    if (generation > 1) void queries.invalidateQueries()
  }, [generation, queries])
  return (
    <WireContext value={{ wire, connection }}>
      <QueryClientProvider client={queries}>{children}</QueryClientProvider>
    </WireContext>
  )
}

/** The contract's client, bound to the main process. */
export function useWire(): Wire {
  return useConnected().wire
}

/** How the connection is; `generation` grows with each reconnect and belongs into a subscription's dependencies. */
export function useConnection(): { state: ConnectionState; generation: number } {
  const { connection } = useConnected()
  return useSyncExternalStore(connection.subscribe, connection.snapshot)
}

function useConnected() {
  const connected = useContext(WireContext)
  if (connected === undefined) throw new Error('useWire is called outside WireProvider')
  return connected
}

function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        // the main process is always "online": what it reaches may be this very machine
        networkMode: 'always',
        retry: (failures, error) => failures < 1 && failureOf(error).retryable,
        retryDelay: 400,
        staleTime: 30_000,
        refetchOnWindowFocus: false,
      },
      mutations: { networkMode: 'always', retry: false },
    },
  })
}
