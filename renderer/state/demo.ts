import { useMutation, useQueryClient } from '@tanstack/react-query'
import { goTo } from './route.ts'
import { useWire } from './wire.tsx'

/** Starts the demo and opens its registry; what was read before is read anew, for the lists have grown. */
export function useStartDemo() {
  const { query } = useWire()
  const queries = useQueryClient()
  return useMutation(
    query.host.startDemo.mutationOptions({
      onSuccess: async ({ registryId }) => {
        await queries.invalidateQueries()
        goTo('registries', registryId)
      },
    }),
  )
}

/** Stops the demo; its registry and agents leave the lists. */
export function useStopDemo() {
  const { query } = useWire()
  const queries = useQueryClient()
  return useMutation(
    query.host.stopDemo.mutationOptions({
      onSuccess: async () => {
        goTo('registries')
        await queries.invalidateQueries()
      },
    }),
  )
}
