import { z } from 'zod'
import { type Failure, FailureError, failureSchema } from '../../shared/model/failure.ts'
import { localFailure } from '../../shared/model/local-failure.ts'

const answerSchema = z.union([z.object({ ticket: z.string() }), z.object({ failure: failureSchema })])

/**
 * Hands a file's bytes to the host and gets its ticket: `POST /intake?name=…&modified=…`, the same in both hosts, so
 * that bytes never cross the wire. Throws a FailureError: the host's own, or `host-gone` where it did not answer.
 */
export async function takeIn(file: File, signal?: AbortSignal): Promise<string> {
  let answer: z.infer<typeof answerSchema>
  try {
    const query = new URLSearchParams({ name: file.name, modified: String(file.lastModified) })
    const response = await fetch(`/intake?${query.toString()}`, {
      method: 'POST',
      body: file,
      ...(signal === undefined ? {} : { signal }),
    })
    answer = answerSchema.parse(await response.json())
  } catch (cause) {
    throw new FailureError(noAnswer(file.name), { cause })
  }
  if ('failure' in answer) throw new FailureError(answer.failure)
  return answer.ticket
}

function noAnswer(fileName: string): Failure {
  return localFailure('host-gone', 'wire', `"${fileName}" could not be handed to the app.`, {
    retryable: true,
    next: ['retry', 'restart-app'],
  })
}
