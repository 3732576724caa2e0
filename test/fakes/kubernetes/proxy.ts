import { type IncomingMessage, request as requestHttp, type ServerResponse } from 'node:http'
import { notReached } from './status.ts'

/** What a pod or node proxy leads to: a real listener on loopback, or an answer. */
export type Backend = { url: string } | { answer: (path: string, response: ServerResponse) => void }

/**
 * Passes a request on as the API server does: the credential stays behind, the answer comes back as it is, and where the
 * backend is not reached the API server says so itself.
 */
export function passOn(
  backend: Backend,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
  say: (status: ReturnType<typeof notReached>) => void,
): void {
  if ('answer' in backend) {
    backend.answer(path, response)
    return
  }
  const { authorization: _, host: __, ...headers } = request.headers
  const onward = requestHttp(
    `${backend.url}${path}`,
    { method: request.method, headers, agent: false },
    (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
    },
  )
  onward.once('error', (error: NodeJS.ErrnoException) => {
    const { host } = new URL(backend.url)
    if (response.headersSent) response.destroy()
    else
      say(
        notReached(
          `dial tcp ${host}: connect: ${error.code === 'ECONNREFUSED' ? 'connection refused' : error.message}`,
        ),
      )
  })
  onward.end()
}
