import {
  type PreflightCheck,
  type PreflightCheckName,
  preflightCheckNameSchema,
  type PreflightReport,
} from '../../shared/model/preflight.ts'

/** A check that is in order, changed as told. */
export function checkOf(check: PreflightCheckName, more: Partial<PreflightCheck> = {}): PreflightCheck {
  return { check, outcome: 'ok', finding: `${check}-fine`, values: {}, message: `${check} is fine.`, ...more }
}

/** A preflight in which all is in order but for these checks. */
export async function* preflightWith(
  ...others: readonly PreflightCheck[]
): AsyncGenerator<PreflightCheck, PreflightReport> {
  const checks = preflightCheckNameSchema.options.map(
    (name) => others.find(({ check }) => check === name) ?? checkOf(name),
  )
  yield* checks
  const overwrites = checks.find(({ outcome }) => outcome === 'decide')?.values['digest']
  return {
    ready: checks.every(({ outcome }) => outcome !== 'blocked'),
    ...(overwrites === undefined ? {} : { overwrites }),
    checks,
  }
}
