import { z } from 'zod'
import { type Failure, FailureError, failureSchema } from '../../shared/model/failure.ts'
import { localFailure } from '../../shared/model/local-failure.ts'
import { type Chosen, isFolder } from './chosen.ts'
import { folderTar } from './folder-tar.ts'

const answerSchema = z.union([z.object({ ticket: z.string() }), z.object({ failure: failureSchema })])

/**
 * Hands a file's bytes to the host and gets its ticket: `POST /intake?name=…&modified=…`, the same in both hosts, so
 * that bytes never cross the wire. A folder is sent as one tar. Throws a FailureError: the host's own, the one of a
 * folder that cannot be a chart, or `host-gone` where the host did not answer.
 */
export async function takeIn(chosen: Chosen, signal?: AbortSignal): Promise<string> {
  const body = isFolder(chosen) ? folderTar(await chosen.list()) : chosen
  const query = new URLSearchParams({ name: chosen.name })
  if (isFolder(chosen)) query.set('kind', 'folder')
  else query.set('modified', String(chosen.lastModified))
  let answer: z.infer<typeof answerSchema>
  try {
    const response = await fetch(`/intake?${query.toString()}`, {
      method: 'POST',
      body,
      ...(signal === undefined ? {} : { signal }),
    })
    answer = answerSchema.parse(await response.json())
  } catch (cause) {
    throw new FailureError(noAnswer(chosen.name), { cause })
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
