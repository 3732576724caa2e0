import { basename } from 'node:path'
import { type Failure, FailureError, type FailureKind } from '../shared/model/failure.ts'
import { localFailure } from '../shared/model/local-failure.ts'
import type { Intake } from './charts/intake.ts'
import type { Log } from './log.ts'
import type { OpenedLot } from './opened-files.ts'

/** What `POST /intake?name=…&kind=…&modified=…` is answered with, in both hosts. */
export interface TakenIn {
  status: number
  body: { ticket: string } | { failure: Failure }
}

/**
 * Takes a file in as its bytes arrive: `name` in `query` is what it is called, `modified` when it was changed, in
 * milliseconds since 1970. With `kind` folder the bytes are a tar of a chart's folder. Never throws: whatever goes wrong is a Failure for the page.
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
    const ticket =
      query.get('kind') === 'folder'
        ? await intake.acceptFolder(bytes, signal)
        : await intake.accept(name, bytes, signal, timeOf(query.get('modified')))
    return { status: 200, body: { ticket } }
  } catch (error) {
    const failure = failureOf(error, log)
    const statuses: Partial<Record<FailureKind, number>> = { 'file-too-large': 413, internal: 500 }
    return { status: statuses[failure.kind] ?? 422, body: { failure } }
  }
}

/** Takes files and folders of this machine in, each for itself; those that are refused are so by name. */
export async function takePaths(intake: Intake, paths: readonly string[], log: Log): Promise<OpenedLot> {
  const lot: OpenedLot = { tickets: [], refused: [] }
  const taken = await Promise.allSettled(paths.map((path) => intake.acceptPath(path)))
  for (const [index, result] of taken.entries()) {
    if (result.status === 'fulfilled') {
      lot.tickets.push(result.value)
    } else {
      const fileName = basename(paths[index] ?? '').slice(0, 200)
      log.warn({ err: result.reason }, 'a file that was opened was not taken')
      lot.refused.push({ fileName, failure: failureOf(result.reason, log) })
    }
  }
  return lot
}

function failureOf(error: unknown, log: Log): Failure {
  if (error instanceof FailureError) return error.failure
  log.error({ err: error }, 'a file could not be taken in')
  return localFailure(
    'internal',
    'input',
    'Chartroom itself failed to take the file in; its log says more.',
    { retryable: true, next: ['retry', 'report-bug'] },
  )
}

/** A time a Date can hold; what is none is as if it were not said. */
function timeOf(text: string | null): number | undefined {
  return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : undefined
}
