import type { Finding, FindingCause, FindingStep } from '../../../shared/model/mirror-finding.ts'
import { versionOf } from '../metrics/version.ts'
import type { SourceCase } from './case.ts'
import { type Answering, answering, hitsOf, secondsUp, sumOf } from './counts.ts'
import { finding } from './finding.ts'
import { latestOf } from './version-range.ts'

/** Up to 0.5 the gauges stay empty for 9 minutes after a start (spegel #987, #1023). */
const settledAfter = 900

/** The last release that is known to keep the gauges; main stopped with #1476. */
const lastWithGauges = '0.7.4'

/** What peers fetch: layers, configs and manifests. `keys` is what 0.5 and before called it. */
const content = new Set(['content_digests', 'keys'])

type Cause = FindingCause<'nothing-advertised'>

const severities: Record<Cause, Finding['severity']> = {
  'family-absent': 'info',
  nothing: 'warn',
  'tags-only': 'warn',
}

const steps: Record<Cause, FindingStep[]> = {
  'family-absent': [],
  nothing: ['pull-not-import', 'restart-agent', 'read-agent-log'],
  'tags-only': ['restart-agent', 'keep-layers'],
}

/**
 * Agents that say they advertise nothing while their node holds images, a quarter of an hour after their start or
 * later. Absent families are no fault on Spegel's main, where nothing sets them since #1476: it informs, and warns only
 * where the image's tag says a version that does set them. Families that are there with no content warn: peers find
 * nothing here; with tags but no content they find the tag and not what it names (spegel #1378, before containerd
 * 2.1). Gauges as they stand. Source: notes/spegel.md 1.1.
 */
export function nothingAdvertised(of: SourceCase): Finding[] {
  const settled = answering(of).filter((one) => secondsUp(one, of) >= settledAfter)
  const empty = settled.flatMap((one) => {
    const cause = causeOf(one)
    return cause === undefined ? [] : [{ one, cause }]
  })
  return [...Map.groupBy(empty, ({ cause }) => cause)].map(([cause, alike]) =>
    finding(of, {
      rule: 'nothing-advertised',
      severity: severities[cause],
      cause,
      agents: alike.map(({ one }) => one),
      says:
        cause === 'family-absent'
          ? 'no spegel_advertised_* family, as on main since #1476; what is advertised is not known.'
          : `the node holds images and ${cause === 'nothing' ? 'nothing' : 'only tags and no content'} is advertised.`,
      next: steps[cause],
    }),
  )
}

function causeOf(one: Answering): Cause | undefined {
  const { agent, sample } = one
  const holds = (agent.images ?? 0) > 0 || hitsOf(sample) > 0
  if (!holds) return undefined
  if (sample.advertised.length === 0) return isKeptBy(one) ? 'nothing' : 'family-absent'
  const held = sample.advertised.filter(({ what }) => content.has(what))
  if (sumOf(held, ({ count }) => count) > 0) return undefined
  return sample.advertised.some(({ what, count }) => what === 'image_tags' && count > 0)
    ? 'tags-only'
    : 'nothing'
}

/** Whether this version is known to keep the gauges: a vec without any content is absent then, too. */
function isKeptBy({ agent, sample }: Answering): boolean {
  const { from, range } = versionOf(sample.traits, agent.image)
  return from === 'image' && latestOf(range, lastWithGauges)
}
