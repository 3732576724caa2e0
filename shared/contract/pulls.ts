import { eventIterator } from '@orpc/contract'
import { pullAttemptSchema, pullInputSchema, pullReportSchema } from '../model/pull.ts'
import { operation } from './base.ts'

/** Walks a pull as containerd would. */
export const pulls = {
  /** One event an attempt, as it ends; the return value has them all and the verdict. */
  walk: operation.input(pullInputSchema).output(eventIterator(pullAttemptSchema, pullReportSchema)),
}
