import { type Failure, FailureError } from '../../../shared/model/failure.ts'
import type { PreflightCheck, PreflightCheckName } from '../../../shared/model/preflight.ts'
import type { Finding } from '../finding.ts'

/** What one check looks at; it may end with a Blame or a FailureError. */
export type Look = () => Promise<Finding>

/**
 * A fact that several checks stand on could not be had. The check that is to blame is blocked with the Failure; the
 * others are skipped.
 */
export class Blame extends Error {
  readonly check: PreflightCheckName
  readonly finding: string
  readonly failure: Failure
  constructor(check: PreflightCheckName, finding: string, failure: Failure) {
    super(failure.message)
    this.check = check
    this.finding = finding
    this.failure = failure
  }
}

/** The preflight itself cannot go on: it was cancelled, or what it is about is not there. */
function endsAll({ failure }: FailureError): boolean {
  return failure.kind === 'cancelled' || failure.kind === 'no-such-item'
}

/** A line of the preflight. Throws the FailureError that ends all of it. */
export async function lineOf(check: PreflightCheckName, look: Look): Promise<PreflightCheck> {
  try {
    return { check, ...(await look()) }
  } catch (error) {
    if (error instanceof FailureError && !endsAll(error)) {
      return blocked(check, `${check}-failed`, error.failure)
    }
    if (!(error instanceof Blame)) throw error
    if (error.check === check) return blocked(check, error.finding, error.failure)
    return {
      check,
      outcome: 'skipped',
      finding: 'skipped',
      values: { because: error.check },
      message: `It was not looked at, for the check "${error.check}" comes first.`,
    }
  }
}

function blocked(check: PreflightCheckName, finding: string, failure: Failure): PreflightCheck {
  return { check, outcome: 'blocked', finding, values: {}, message: failure.message, failure }
}

/** Turns a FailureError of `work` into a Blame; one that ends the preflight blames nobody. */
export async function blaming<T>(work: Promise<T>, blame: (failure: Failure) => Blame): Promise<T> {
  try {
    return await work
  } catch (error) {
    if (!(error instanceof FailureError) || endsAll(error)) throw error
    throw blame(error.failure)
  }
}
