import type { z } from 'zod'
import { explainAnswer } from '../../../../shared/model/explain.ts'
import { type Failure, FailureError } from '../../../../shared/model/failure.ts'
import { failureError, localFailure } from '../../../../shared/model/local-failure.ts'
import type { Answer, Ask, Transport } from '../../../oci/ask.ts'
import { jsonOf, refusal } from '../../../oci/refusal.ts'
import type { Access, AccessKeeper } from './access.ts'
import { listSchema } from './objects.ts'

/** What one page, and a list as a whole, may take; 500 pods are about 5 MB, 500 nodes 10 MB. */
const pageItems = 500
const pageBytes = 64 * 1024 * 1024
const maxPages = 100
const listBytes = 512 * 1024 * 1024
/** Milliseconds an API server may stand still, and a page may take as a whole. */
const patience = 10_000
const deadline = 60_000
/** How often a list begins anew because its continuation expired. */
const maxRestarts = 3

/** The items of a list, and the version a watch of them starts at. */
export interface Listed<T> {
  items: T[]
  resourceVersion: string
}

/** What is asked of the API server, a path below its address with a query. */
export interface KubeQuery {
  path: string
  query: Readonly<Record<string, string>>
}

export interface KubeApi {
  /**
   * Carries the credential to the API server and to nobody else. An answer 401 of the API server itself has the
   * credential made anew, once. For asks whose URL begins with what `address` says.
   */
  readonly transport: Transport
  /** The whole list, page by page. Throws a FailureError; also for a list that is too long or no list. */
  list<S extends z.ZodType>(query: KubeQuery, item: S, signal: AbortSignal): Promise<Listed<z.infer<S>>>
  /** URL of a path and query below the API server's address. */
  address(query: KubeQuery, signal: AbortSignal): Promise<string>
}

export function createApi(access: AccessKeeper, transport: Transport): KubeApi {
  const send = async (ask: Ask): Promise<Answer> => {
    const first = await access.get(ask.signal)
    const answer = await transport.send(authorized(ask, first))
    const refused = answer.exchange.answeredBy === 'api-server' || ask.role === 'api-server'
    if (answer.status !== 401 || !refused) return answer
    access.refused(first)
    const second = await access.get(ask.signal)
    return JSON.stringify(second) === JSON.stringify(first) ? answer : transport.send(authorized(ask, second))
  }

  const page = async (query: KubeQuery, signal: AbortSignal): Promise<Answer> => {
    const ask: Ask = { ...apiAsk(await address(query, signal)), signal, maxBytes: pageBytes, patience }
    const late = AbortSignal.timeout(deadline)
    try {
      const answer = await send({ ...ask, signal: AbortSignal.any([signal, late]) })
      if (answer.status !== 200) throw refusal(ask, answer)
      return answer
    } catch (error) {
      throw late.aborted && !signal.aborted ? new FailureError(tooSlow(ask.url)) : error
    }
  }

  const address = async ({ path, query }: KubeQuery, signal: AbortSignal): Promise<string> => {
    const { server } = await access.get(signal)
    const search = new URLSearchParams(query).toString()
    return `${server}${path}${search === '' ? '' : `?${search}`}`
  }

  const pages = async <S extends z.ZodType>(query: KubeQuery, item: S, signal: AbortSignal) => {
    const items: z.infer<S>[] = []
    let next = ''
    let bytes = 0
    for (let count = 0; count < maxPages && bytes < listBytes; count += 1) {
      const paging = { limit: String(pageItems), ...(next === '' ? {} : { continue: next }) }
      const answer = await page({ path: query.path, query: { ...query.query, ...paging } }, signal)
      bytes += answer.body.length
      const list = listSchema.safeParse(jsonOf(answer.body)).data
      if (list === undefined) throw notKubernetes(answer.exchange.host, 'no list')
      const found = (list.items ?? []).map((each) => {
        const parsed = item.safeParse(each)
        if (!parsed.success)
          throw notKubernetes(answer.exchange.host, 'a list with an item that breaks its format')
        return parsed.data
      })
      items.push(...found)
      next = list.metadata.continue
      // a page may be empty and not the last: what is not selected is left out of it
      if (next === '') return { items, resourceVersion: list.metadata.resourceVersion }
    }
    const { host } = new URL(await address(query, signal))
    throw notKubernetes(host, `more than ${maxPages} pages or ${listBytes} bytes of a list`)
  }

  return {
    transport: {
      send,
      open: async (ask) => transport.open(authorized(ask, await access.get(ask.signal))),
      close: () => Promise.resolve(),
    },
    address,
    list: async (query, item, signal) => {
      for (let restarts = 0; ; restarts += 1) {
        try {
          return await pages(query, item, signal)
        } catch (error) {
          // the version the pages are of was compacted away: the list begins anew with the present one
          if (!isGone(error) || restarts === maxRestarts) throw error
        }
      }
    },
  }
}

/** An ask of the API server itself. */
export function apiAsk(url: string): Pick<Ask, 'method' | 'url' | 'phase' | 'role' | 'headers'> {
  return { method: 'GET', url, phase: 'scrape', role: 'api-server', headers: { accept: 'application/json' } }
}

/** 410: a resourceVersion or a continuation that is too old (Kubernetes API Concepts, "410 Gone responses"). */
export function isGone(error: unknown): boolean {
  return error instanceof FailureError && error.failure.status === 410
}

/** Explains a Status that comes in the middle of a watch. */
export function statusFailure(status: unknown, code: number, host: string): Failure {
  return explainAnswer({
    phase: 'scrape',
    role: 'api-server',
    host,
    method: 'GET',
    status: code,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(status),
  })
}

export function notKubernetes(host: string, what: string): FailureError {
  const message = `${host} answers, but not as a Kubernetes API: it sent ${what}.`
  return failureError('answer-invalid', 'scrape', message, {
    host,
    next: ['check-kubeconfig', 'ask-cluster-admin'],
  })
}

/** The credential is for the API server alone, wherever a redirect may lead. */
function authorized(ask: Ask, { server, connection, headers }: Access): Ask {
  if (!ask.url.startsWith(`${server}/`)) return ask
  return { ...ask, connection, headers: { ...ask.headers, ...headers } }
}

function tooSlow(url: string): Failure {
  const { host } = new URL(url)
  return localFailure('timeout', 'scrape', `${host} did not finish within ${deadline / 1000} s.`, {
    host,
    evidence: [{ fact: 'limit', value: `${deadline} ms` }],
    retryable: true,
    next: ['retry', 'check-network'],
  })
}
