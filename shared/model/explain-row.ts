import type { AnswerFacts } from './explain-facts.ts'
import type { Answerer, FailureKind, NextStep } from './failure.ts'

/** An answer with its author: what the rows of the table look at. */
export interface Answered extends AnswerFacts {
  by: Answerer
}

/** One line of the table. */
export interface Row {
  /** The case, as a reader of the table would look it up. */
  name: string
  when: (answer: Answered) => boolean
  kind: FailureKind
  /** The very same request may pass later. */
  retryable?: boolean
  next: NextStep[] | ((answer: Answered) => NextStep[])
  /** What it means in one sentence, without the subject: "<host> …". */
  say: string | ((answer: Answered) => string)
}

/** One of the codes stands in the body's `errors`, in whatever case. */
export const says =
  (...codes: string[]) =>
  ({ ociErrors }: Answered) =>
    ociErrors.some(({ code }) => codes.includes(code.toUpperCase()))

export const status =
  (...statuses: number[]) =>
  (answer: Answered) =>
    statuses.includes(answer.status)

/** What the body says, whatever its shape. */
export const mentions = ({ body }: Answered, words: RegExp) => words.test(body)

/** The one that was asked, or the storage behind it: what they refuse, they refuse knowingly. */
export const itself = ({ by, role }: Answered) => by === role || by === 'storage'

/** Certainly somebody else. */
export const foreign = ({ by }: Answered) => by === 'proxy' || by === 'server'

/** A blob is on its way or just was. */
export const uploading = ({ phase }: Answered) => phase === 'upload-body' || phase === 'upload-commit'

export const both =
  (...conditions: Array<(answer: Answered) => boolean>) =>
  (answer: Answered) =>
    conditions.every((condition) => condition(answer))
