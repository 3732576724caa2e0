import type { NextStep } from '../../shared/model/failure.ts'
import type { PullAttempt, PullVerdict } from '../../shared/model/pull.ts'
import { type FailedStep, predict } from './containerd.ts'

/** A walk that ended, as far as its verdict depends on it. */
export interface Walked extends Omit<FailedStep, 'step'> {
  /** Set when the index has no manifest for the platform that was asked for. */
  platform?: { wanted: string; offered: string[] }
}

type Kind = PullVerdict['kind']

/** The verdict on a walk: pure, and told by what the hosts answered alone. */
export function judge(walked: Walked): PullVerdict {
  const last = walked.attempts.at(-1)
  if (last === undefined) return nobodyAsked(walked)
  if (walked.platform !== undefined) return platformMissing(walked.platform, last, walked)
  if (last.outcome === 'served') return works(walked.attempts, last)
  const kind = kindOf(last)
  const containerd =
    kind === 'content-invalid'
      ? undefined
      : predict({
          ...walked,
          step: last.step,
          attempts: walked.attempts.filter(({ step }) => step === last.step),
        })
  return {
    kind,
    host: last.host,
    step: last.step,
    message: `${sentence(kind, last, walked)}${masked(containerd, last)}`,
    next: nextOf(kind, last),
    ...(containerd === undefined ? {} : { containerd }),
  }
}

function works(attempts: readonly PullAttempt[], last: PullAttempt): PullVerdict {
  const fault = attempts.find(({ outcome }) => outcome === 'fault')
  const servers = [...new Set(attempts.filter(({ outcome }) => outcome === 'served').map(({ host }) => host))]
  const served = `The pull works: every step was served, by ${servers.join(' and ')}.`
  if (fault === undefined) {
    return { kind: 'pull-works', host: last.host, message: served, next: ['none-needed'] }
  }
  return {
    kind: 'pull-works-with-faults',
    host: fault.host,
    step: fault.step,
    message: `${served} But ${fault.host} is broken: ${answerOf(fault)}.`,
    next: stepsFor(fault),
  }
}

function nobodyAsked(walked: Walked): PullVerdict {
  return {
    kind: 'not-found-anywhere',
    step: 'resolve',
    message:
      'No host may resolve this reference: hosts.toml gives none of them the capabilities pull and resolve.',
    next: ['fix-line'],
    containerd: {
      version: walked.containerd,
      message: `failed to resolve reference "${walked.reference}": no resolve hosts: not found`,
      rule: walked.containerd === '1.7' ? 'resolve-first-non-404' : 'resolve-highest',
      host: '',
    },
  }
}

function platformMissing(
  platform: NonNullable<Walked['platform']>,
  last: PullAttempt,
  walked: Walked,
): PullVerdict {
  const offered = platform.offered.length === 0 ? 'none' : platform.offered.slice(0, 20).join(', ')
  return {
    kind: 'platform-missing',
    host: last.host,
    step: 'platform-manifest',
    message:
      `The index has no manifest for ${platform.wanted}. It offers: ${offered}. ` +
      `containerd ${walked.containerd} would report "no match for platform in manifest: not found".`,
    next: ['choose-another-tag'],
  }
}

function kindOf({ status, failure }: PullAttempt): Kind {
  const kind = failure?.kind
  if (kind === 'digest-mismatch' || kind === 'answer-invalid') return 'content-invalid'
  if (kind === 'not-found' || kind === 'not-here') return 'not-found-anywhere'
  if (kind === 'rate-limited' || status === 429) return 'upstream-limits'
  if (kind === 'unauthorized' || kind === 'denied' || status === 401 || status === 403)
    return 'upstream-refuses'
  // a token service that cannot be reached leaves the upstream as unreachable as itself
  return status === undefined && failure?.status === undefined ? 'upstream-unreachable' : 'upstream-faults'
}

function sentence(kind: Kind, last: PullAttempt, walked: Walked): string {
  // hosts.toml can keep the upstream from resolving: then a mirror has the last word
  const who = last.role === 'upstream' ? 'The upstream' : 'The last host asked'
  const what = nameOf(last, walked)
  const answer = answerOf(last)
  switch (kind) {
    case 'not-found-anywhere':
      return `Nobody who was asked has ${what}, at last: ${answer}.`
    case 'upstream-refuses':
      return `${who} refuses ${what}: ${answer}.`
    case 'upstream-limits':
      return `${who} limits requests and did not serve ${what}: ${answer}.`
    case 'upstream-unreachable':
      return `${who} cannot be reached for ${what}: ${answer}.`
    case 'content-invalid':
      return `What came for ${what} does not hold: ${answer}.`
    default:
      return `${who} fails to serve ${what}: ${answer}.`
  }
}

function nameOf(last: PullAttempt, walked: Walked): string {
  switch (last.step) {
    case 'resolve':
      return walked.reference.includes('@') ? 'the digest' : 'the tag'
    case 'manifest':
      return 'the manifest'
    case 'platform-manifest':
      return "the platform's manifest"
    default:
      return 'the config blob'
  }
}

/** "403 from harbor.corp, DENIED: …", and who said so where it was not the host itself. */
function answerOf({ host, status, failure }: PullAttempt): string {
  if (status === undefined || failure === undefined) return failure?.message.replace(/\.$/, '') ?? host
  if (failure.kind === 'digest-mismatch' || failure.kind === 'answer-invalid') {
    return `${failure.message.replace(/\.$/, '')} (${host})`
  }
  const inFront = failure.answeredBy === 'proxy' || failure.answeredBy === 'server'
  const from = inFront ? `something in front of ${host}` : host
  const said = failure.ociErrors[0]
  const words = said === undefined ? '' : `, ${[said.code, said.message].filter(Boolean).join(': ')}`
  return `${status} from ${from}${words}`
}

function masked(containerd: PullVerdict['containerd'], last: PullAttempt): string {
  if (containerd === undefined || containerd.host === last.host) return ''
  return ` containerd ${containerd.version} would report the answer of ${containerd.host} instead.`
}

function nextOf(kind: Kind, last: PullAttempt): NextStep[] {
  if (last.failure?.answeredBy === 'proxy' && last.status !== undefined) return last.failure.next
  switch (kind) {
    case 'not-found-anywhere':
      return ['check-name', 'choose-another-tag']
    case 'upstream-refuses':
      return ['check-pull-secret', 'check-permission']
    case 'upstream-limits':
      return ['wait-and-retry', 'log-in']
    case 'content-invalid':
      return last.role === 'mirror' ? ['check-mirror-agent'] : ['ask-registry-admin']
    default:
      return stepsFor(last)
  }
}

function stepsFor(attempt: PullAttempt): NextStep[] {
  const own = (attempt.failure?.next ?? []).filter((step) => step !== 'none-needed')
  return [...new Set<NextStep>(attempt.role === 'mirror' ? [...own, 'check-mirror-agent'] : own)]
}
