import { queryOptions } from '@tanstack/react-query'
import type { z } from 'zod'
import type { nameTotalSchema } from '../../shared/model/registry.ts'
import type { Wire } from './wire.tsx'

/** Names as far as they were read; `total` comes with the last page. */
export interface Names {
  names: readonly string[]
  total?: z.infer<typeof nameTotalSchema>
}

type Pages = AsyncIterator<{ names: string[] }, z.infer<typeof nameTotalSchema>>

/** All repositories of a registry: the data grows page by page while it is fetched. */
export function repositoriesOptions({ client, query }: Wire, id: string) {
  return namesOptions(query.registries.repositories.key({ type: 'streamed', input: { id } }), (signal) =>
    client.registries.repositories({ id }, { signal }),
  )
}

/** All tags of a repository, in the registry's order: the data grows page by page while it is fetched. */
export function tagsOptions({ client, query }: Wire, id: string, repository: string) {
  const input = { id, repository }
  return namesOptions(query.registries.tags.key({ type: 'streamed', input }), (signal) =>
    client.registries.tags(input, { signal }),
  )
}

function namesOptions(queryKey: readonly unknown[], ask: (signal: AbortSignal) => Promise<Pages>) {
  return queryOptions<Names>({
    queryKey,
    queryFn: async ({ client, signal }) => {
      // what is on screen stays until a second reading is complete
      const firstReading = client.getQueryData<Names>(queryKey)?.total === undefined
      const pages = await ask(signal)
      let names: readonly string[] = []
      for (;;) {
        const { done, value } = await pages.next()
        if (done === true) return { names, total: value }
        names = [...names, ...value.names]
        if (firstReading && !signal.aborted) client.setQueryData<Names>(queryKey, { names })
      }
    },
  })
}
