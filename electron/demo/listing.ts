import { jsonReply, type Reply, Refusal } from './reply.ts'
import type { Store } from './store.ts'

/** Names on one page at most, and where the caller names no number. */
const pageLimit = 1000

/** GET /v2/_catalog, as distribution has it: the spec leaves the listing of repositories to the registry. */
export function listRepositories(store: Store, query: URLSearchParams): Reply {
  const page = pageOf(store.repositories(), query)
  return listReply('/v2/_catalog', { repositories: page.names }, page)
}

/** GET …/tags/list: end-8. */
export function listTags(store: Store, repository: string, query: URLSearchParams): Reply {
  if (!store.has(repository)) throw new Refusal(404, 'NAME_UNKNOWN', `there is no repository ${repository}`)
  const page = pageOf(store.tags(repository), query)
  return listReply(`/v2/${repository}/tags/list`, { name: repository, tags: page.names }, page)
}

interface Page {
  names: string[]
  size: number
  more: boolean
}

/** At most `n` of the sorted names behind `last`; `last` need not be one of them. */
function pageOf(sorted: string[], query: URLSearchParams): Page {
  const n = query.get('n')
  if (n !== null && !/^\d{1,9}$/.test(n)) {
    throw new Refusal(400, 'PAGINATION_NUMBER_INVALID', 'n is a whole number')
  }
  const size = Math.min(n === null ? pageLimit : Number(n), pageLimit)
  const last = query.get('last')
  const rest = last === null ? sorted : sorted.filter((name) => name > last)
  return { names: rest.slice(0, size), size, more: size > 0 && rest.length > size }
}

function listReply(path: string, value: unknown, { names, size, more }: Page): Reply {
  const reply = jsonReply(200, value)
  if (!more) return reply
  const next = new URLSearchParams({ n: String(size), last: names.at(-1) ?? '' })
  return { ...reply, headers: { ...reply.headers, Link: `<${path}?${next.toString()}>; rel="next"` } }
}
