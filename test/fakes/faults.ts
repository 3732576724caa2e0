import type { Fault, Seen } from './fault-proxy.ts'

/*
 * What networks, proxies and registries do to uploads: notes/oci-registries.md 1.3 and 1.5 name the sources.
 * Each is data for `FaultProxy.inflict`; narrow one with `{ ...fault, times: 1 }`.
 */

export const carriesBody = ({ method, headers, chunked }: Seen) =>
  (method === 'PATCH' || method === 'PUT') && (chunked || Number(headers['content-length'] ?? 0) > 0)

const html = { 'content-type': 'text/html', server: 'nginx/1.27.0', connection: 'close' }
const text = { 'content-type': 'text/plain; charset=utf-8', connection: 'close' }
const json = { 'content-type': 'application/json; charset=utf-8' }
const page = (title: string) => `<html><head><title>${title}</title></head><body></body></html>`

/** An answer in nginx's shape. */
export const htmlAnswer = (status: string) => ({ answer: { status, headers: html, body: page(status) } })
/** An answer in the shape of Go's net/http: what it says to a request it cannot parse. */
export const bareAnswer = (status: string) => ({ answer: { status, headers: text, body: status } })
/** An answer of the registry itself. */
export const registryAnswer = (status: string, code: string, headers: Record<string, string> = {}) => ({
  answer: {
    status,
    headers: { ...json, 'docker-distribution-api-version': 'registry/2.0', ...headers },
    body: JSON.stringify({ errors: [{ code, message: code.toLowerCase() }] }),
  },
})

/** 400 text/plain to `Transfer-Encoding: chunked`. */
export const refusesChunkedFraming: Fault = {
  strikes: ({ chunked }) => chunked,
  does: bareAnswer('400 Bad Request'),
}
/** go-containerregistry issue 2005, as its reporter sees it: every PATCH with a body is answered 400. */
export const vsphere: Fault = {
  strikes: ({ method }) => method === 'PATCH',
  does: bareAnswer('400 Bad Request'),
}
/** Its likely cause: a request whose head came in a segment of its own is lost on something on the way. */
export const refusesLoneHeads: Fault = { strikes: ({ apart }) => apart, does: bareAnswer('400 Bad Request') }
/** nginx's client_max_body_size; it answers before the body is there. */
export const bodyTooLarge = (limit: number): Fault => ({
  strikes: ({ headers }) => Number(headers['content-length'] ?? 0) > limit,
  does: htmlAnswer('413 Request Entity Too Large'),
})
/** The same without a length to go by: it strikes once that much has passed. */
export const bodyTooLargeAfter = (limit: number): Fault => ({
  strikes: carriesBody,
  afterBytes: limit,
  does: htmlAnswer('413 Request Entity Too Large'),
})
/** nginx without `chunked_transfer_encoding`. */
export const lengthRequired: Fault = {
  strikes: ({ chunked }) => chunked,
  does: htmlAnswer('411 Length Required'),
}
/** ModSecurity CRS 911100 lets GET, HEAD, POST and OPTIONS pass. */
export const blocksMethods = (...methods: string[]): Fault => ({
  strikes: ({ method }) => methods.includes(method),
  does: htmlAnswer('405 Not Allowed'),
})
/** The token ran out, or a session of a proxy did, while the body was on its way. */
export const unauthorizedAfter = (bytes: number): Fault => ({
  strikes: carriesBody,
  afterBytes: bytes,
  does: registryAnswer('401 Unauthorized', 'UNAUTHORIZED', {
    'www-authenticate': 'Basic realm="lab"',
    connection: 'close',
  }),
})
export const badGateway: Fault = { strikes: carriesBody, does: htmlAnswer('502 Bad Gateway') }
export const resetAfter = (bytes: number): Fault => ({
  strikes: carriesBody,
  afterBytes: bytes,
  does: 'reset',
})
export const dropAfter = (bytes: number): Fault => ({ strikes: carriesBody, afterBytes: bytes, does: 'drop' })
export const stallAfter = (bytes: number): Fault => ({
  strikes: carriesBody,
  afterBytes: bytes,
  does: 'stall',
})
/** The registry stores what it got and its answer gets lost. */
export const losesAnswer: Fault = { strikes: carriesBody, does: 'lose-answer' }
/** A connection that was kept alive is closed just as it is used again. */
export const closesKeptConnections: Fault = { strikes: ({ reused }) => reused, does: 'drop' }
/** Every Location gets another beginning: a registry that does not know how it is reached from outside. */
export const locationTo = (origin: string): Fault => ({
  strikes: () => true,
  does: {
    rewrite: ({ headers }) => {
      const { location } = headers
      if (location !== undefined) headers['location'] = origin + location.replace(/^https?:\/\/[^/]+/, '')
    },
  },
})
