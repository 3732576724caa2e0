import { type Failure, FailureError } from '../shared/model/failure.ts'
import { localFailure } from '../shared/model/local-failure.ts'
import type { Intake } from './charts/intake.ts'
import type { Log } from './log.ts'

/** What `POST /intake?name=…` is answered with, in both hosts. */
export interface TakenIn {
  status: number
  body: { ticket: string } | { failure: Failure }
}

/** Takes the file `name` in as its bytes arrive. Never throws: whatever goes wrong is a Failure for the page. */
export async function takeIn(
  intake: Intake,
  name: string | null,
  bytes: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
  log: Log,
): Promise<TakenIn> {
  if (name === null || name === '' || name.length > 255) {
    const failure = localFailure(
      'input-invalid',
      'input',
      'A file is taken in with a name of 1 to 255 characters.',
    )
    return { status: 400, body: { failure } }
  }
  try {
    return { status: 200, body: { ticket: await intake.accept(name, bytes, signal) } }
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
