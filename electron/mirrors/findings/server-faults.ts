import type { Finding, FindingCause, FindingStep } from '../../../shared/model/mirror-finding.ts'
import { versionOf } from '../metrics/version.ts'
import type { SourceCase } from './case.ts'
import { type Answering, answering, inWindow, percent, sumOf } from './counts.ts'
import { finding } from './finding.ts'
import { earliestOf, latestOf } from './version-range.ts'

/** Below five and one in a hundred a disk or a network hiccuped. */
const fewFaults = 5
const rare = 0.01

/** From here on pulls suffer. */
const often = 0.1
const manyFaults = 20

type Cause = FindingCause<'server-faults'>

const steps: Record<Cause, FindingStep[]> = {
  'missing-image': ['update-spegel'],
  'missing-blob': ['update-spegel', 'keep-layers'],
  fault: ['read-agent-log', 'check-memory-limit', 'restart-agent'],
  'unknown-version': ['update-spegel', 'read-agent-log'],
}

/**
 * Answers of /v2/ with 5xx in the window shown; a 404 is normal for a mirror and is never among them. It matters since
 * containerd reports the first host's error, so that a mirror's 500 becomes the error of the pull. What it means hangs
 * on the version: up to 0.0.20 Spegel answered 500 where no peer had an image (spegel #421, k3s #10117, rke2 #5754), up
 * to 0.3 where a blob that was advertised is gone (spegel #448, #953); later only where a lookup or a read fails.
 * Source: notes/spegel.md 2.2. Informs below 5 and 1 %, is bad from 20 and 10 %, warns between.
 */
export function serverFaults(of: SourceCase): Finding[] {
  const counted = answering(of).map((one) => ({ one, ...faultsOf(one, of) }))
  const faulty = counted.filter(({ faults }) => faults > 0)
  return [...Map.groupBy(faulty, ({ one }) => causeOf(one))].map(([cause, alike]) => {
    const faults = sumOf(alike, (each) => each.faults)
    const answers = sumOf(alike, (each) => each.answers)
    const ratio = faults / answers
    const [first] = alike
    return finding(of, {
      rule: 'server-faults',
      severity: severityOf(faults, ratio),
      cause,
      agents: alike.map(({ one }) => one),
      facts: {
        requests: faults,
        answers,
        ratio,
        version: (first && versionFrom(first.one)) ?? '',
        since: alike.every(({ since }) => since === 'window') ? 'window' : 'start',
      },
      says: `${faults} of ${answers} answers were 5xx (${percent(ratio)}).`,
      next: steps[cause],
    })
  })
}

function faultsOf(one: Answering, of: SourceCase): { faults: number; answers: number; since: string } {
  const { totals, since } = inWindow(one, of, 'answers')
  const all = totals.answers ?? []
  const faults = all.filter(({ code }) => code.startsWith('5'))
  return { faults: sumOf(faults, ({ count }) => count), answers: sumOf(all, ({ count }) => count), since }
}

function severityOf(faults: number, ratio: number): Finding['severity'] {
  if (faults >= manyFaults && ratio >= often) return 'bad'
  return faults < fewFaults && ratio < rare ? 'info' : 'warn'
}

function versionFrom({ agent, sample }: Answering): string | undefined {
  return versionOf(sample.traits, agent.image).range
}

function causeOf(one: Answering): Cause {
  const range = versionFrom(one)
  if (latestOf(range, '0.0.20')) return 'missing-image'
  if (latestOf(range, '0.3')) return 'missing-blob'
  return earliestOf(range, '0.4') ? 'fault' : 'unknown-version'
}
