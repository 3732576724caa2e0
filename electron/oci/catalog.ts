import { z } from 'zod'
import { failureError } from '../../shared/model/local-failure.ts'
import type { Answer, Ask, Transport } from './ask.ts'
import { nextAsk } from './link.ts'
import { jsonOf, refusal } from './refusal.ts'

/** One page of names, in the registry's order. */
export interface NamePage {
  names: string[]
}
/** `complete` is false when the limit of pages stopped the walk. */
export interface NameTotal {
  count: number
  pages: number
  complete: boolean
}

/** Entries asked for in a page: the most that ECR and distribution allow. */
const pageSize = 1000
const maxPages = 10_000
/** Bytes of one page; distribution 2.8 sends all tags of a repository in one. */
const pageBytes = 64 * 1024 * 1024

const listSchema = z.object({
  repositories: z.array(z.string()).nullish(),
  tags: z.array(z.string()).nullish(),
})

/** Every repository of the registry: GET /v2/_catalog, following Link to its end. */
export function listRepositories(
  transport: Transport,
  url: string,
  signal?: AbortSignal,
): AsyncGenerator<NamePage, NameTotal> {
  return pages(
    transport,
    {
      url: new URL('/v2/_catalog', url).toString(),
      phase: 'catalog',
      scope: 'registry:catalog:*',
      ...(signal !== undefined ? { signal } : {}),
    },
    'repositories',
  )
}

/** Every tag of a repository: GET /v2/<name>/tags/list, following Link to its end. */
export function listTags(
  transport: Transport,
  url: string,
  repository: string,
  signal?: AbortSignal,
): AsyncGenerator<NamePage, NameTotal> {
  return pages(
    transport,
    {
      url: new URL(`/v2/${repository}/tags/list`, url).toString(),
      phase: 'tags',
      scope: `repository:${repository}:pull`,
      ...(signal !== undefined ? { signal } : {}),
    },
    'tags',
  )
}

async function* pages(
  transport: Transport,
  where: Pick<Ask, 'url' | 'phase' | 'scope' | 'signal'>,
  field: 'repositories' | 'tags',
): AsyncGenerator<NamePage, NameTotal> {
  const askFor = (url: string): Ask => ({
    ...where,
    url,
    method: 'GET',
    role: 'registry',
    headers: { accept: 'application/json' },
    maxBytes: pageBytes,
  })
  const seen = new Set<string>()
  let ask = askFor(`${where.url}?n=${pageSize}`)
  let count = 0
  for (let page = 1; page <= maxPages; page += 1) {
    let answer = await transport.send(ask)
    if (page === 1 && refusesPageSize(answer)) {
      ask = askFor(where.url)
      answer = await transport.send(ask)
    }
    if (answer.status !== 200) throw refusal(ask, answer)
    const names = listSchema.safeParse(jsonOf(answer.body)).data?.[field]
    if (names === undefined) throw noList(ask, answer, field)
    count += names?.length ?? 0
    yield { names: names ?? [] }
    const next = nextAsk(ask, answer, seen)
    if (next === undefined) return { count, pages: page, complete: true }
    ask = next
  }
  return { count, pages: maxPages, complete: false }
}

/** distribution refuses `n` above its own limit instead of lowering it. */
function refusesPageSize(answer: Answer): boolean {
  return answer.status === 400 && Buffer.from(answer.body).includes('PAGINATION_NUMBER_INVALID')
}

function noList(ask: Ask, answer: Answer, field: string) {
  const explained = refusal(ask, answer)
  if (explained.failure.answeredBy !== 'registry') return explained
  return failureError('answer-invalid', ask.phase, `${new URL(ask.url).host} sent no list of ${field}.`, {
    host: new URL(ask.url).host,
    evidence: explained.failure.evidence,
    next: ['ask-registry-admin'],
  })
}
