import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import type { RegistryWarning } from '../../shared/model/registry.ts'
import { useConnection, useWire } from './wire.tsx'

const dismissedKey = ['warnings', 'dismissed']

/** What registries warned of and nobody dismissed yet, oldest first. A dismissed one stays away until the app ends. */
export function useWarnings(): {
  warnings: readonly RegistryWarning[]
  dismiss: (warning: RegistryWarning) => void
} {
  const { client } = useWire()
  const { generation } = useConnection()
  const queries = useQueryClient()
  const [told, setTold] = useState<readonly RegistryWarning[]>([])
  const keptDismissed = () => queries.getQueryData<readonly string[]>(dismissedKey) ?? []
  const { data: dismissed } = useQuery({
    queryKey: dismissedKey,
    queryFn: keptDismissed,
    initialData: keptDismissed,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: Number.POSITIVE_INFINITY,
  })

  useEffect(() => {
    if (generation === 0) return undefined
    const ended = new AbortController()
    const follow = async () => {
      const batches = await client.registries.warnings(undefined, { signal: ended.signal })
      setTold([])
      for await (const batch of batches) {
        if (ended.signal.aborted) return
        setTold((before) => [...before, ...batch])
      }
    }
    // warnings are no more than said beside the work: without them it goes on
    follow().catch(() => undefined)
    return () => ended.abort()
  }, [client, generation])

  return {
    warnings: told.filter((one) => !dismissed.includes(idOf(one))),
    dismiss: (warning) => {
      queries.setQueryData(dismissedKey, [...keptDismissed(), idOf(warning)])
    },
  }
}

function idOf({ host, text }: RegistryWarning): string {
  return `${host} ${text}`
}
