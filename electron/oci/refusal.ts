import { explainAnswer } from '../../shared/model/explain.ts'
import { FailureError } from '../../shared/model/failure.ts'
import type { Strategy } from '../../shared/model/upload.ts'
import type { AnswerHead, Ask } from './ask.ts'
import { errorText } from './error-text.ts'

/** Characters of a body that are looked at to explain it. */
const explainedLength = 64 * 1024

/**
 * The error to throw for an answer that is not what `ask` wanted, explained by the table of `explain.ts`. `strategy`
 * is the shape a blob was sent in, where one was: the next steps name what another shape can cure.
 */
export function refusal(
  ask: Ask,
  answer: AnswerHead & { body?: Uint8Array },
  strategy?: Strategy,
): FailureError {
  return new FailureError(
    explainAnswer({
      phase: ask.phase,
      role: ask.role,
      host: new URL(ask.url).host,
      method: ask.method,
      status: answer.status,
      headers: answer.headers,
      body: errorText(answer.body ?? new Uint8Array(), answer.headers).slice(0, explainedLength),
      bytesSent: answer.bytesSent,
      connectionClosed: answer.connectionClosed,
      ...(answer.grant !== undefined ? { grant: answer.grant } : {}),
      ...(strategy !== undefined ? { strategy } : {}),
    }),
  )
}

/** JSON of an answer, or undefined where it is none. */
export function jsonOf(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString('utf8'))
  } catch {
    return undefined
  }
}
