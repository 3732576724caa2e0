import { type Failure, FailureError } from '../shared/model/failure.ts'
import { localFailure } from '../shared/model/local-failure.ts'
import type { Intake } from './charts/intake.ts'
import type { Log } from './log.ts'

/** What `POST /intake?name=…&modified=…` is answered with, in both hosts. */
export interface TakenIn {
  status: number
  body: { ticket: string } | { failure: Failure }
}

/**
 * Takes a file in as its bytes arrive: `name` in `query` is what it is called, `modified` when it was changed, in
 * milliseconds since 1970. Never throws: whatever goes wrong is a Failure for the page.
 */
export async function takeIn(
  intake: Intake,
  query: URLSearchParams,
  bytes: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
  log: Log,
): Promise<TakenIn> {
  const name = query.get('name')
  if (name === null || name === '' || name.length > 255) {
    const failure = localFailure(
      'input-invalid',
      'input',
      'A file is taken in with a name of 1 to 255 characters.',
    )
    return { status: 400, body: { failure } }
  }
  try {
    return {
      status: 200,
      body: { ticket: await intake.accept(name, bytes, signal, timeOf(query.get('modified'))) },
    }
  } catch (error) {
    if (error instanceof FailureError) {
      return { status: error.failure.kind === 'file-too-large' ? 413 : 422, body: { failure: error.failure } }
    }
    log.error({ err: error }, 'a file could not be taken in')
    const failure = localFailure(
      'internal',
      'input',
      'Chartroom itself failed to take the file in; its log says more.',
      {
        retryable: true,
        next: ['retry', 'report-bug'],
      },
    )
    return { status: 500, body: { failure } }
  }
}

/** A time a Date can hold; what is none is as if it were not said. */
function timeOf(text: string | null): number | undefined {
  return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : undefined
}
