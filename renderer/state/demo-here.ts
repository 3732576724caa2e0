import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useWire } from './wire.tsx'

/** Starts the demo and stays on this screen: for places whose own emptiness the demo fills. */
export function useStartDemoHere() {
  const { query } = useWire()
  const queries = useQueryClient()
  return useMutation(query.host.startDemo.mutationOptions({ onSuccess: () => queries.invalidateQueries() }))
}
