import { z } from 'zod'

/** The closed list of rules; each is a file of its own in electron/mirrors/findings. */
export const findingRuleSchema = z.enum([
  'no-answer', // an agent cannot be read
  'never-asks', // no request ever reached the mirror of a node
  'registry-not-asked', // a node asks its mirror, but not for one registry that the others ask for
  'never-hits', // a node asks and no peer ever has it
  'server-faults', // 5xx of the mirror
  'resolve-timeout', // lookups end at mirrorResolveTimeout
  'not-ready', // /readyz answers 500
  'restarts', // the agent began anew, perhaps again and again
  'nothing-advertised', // advertised families absent or zero
  'registry-misses', // one registry misses on every node
  'advertised-not-held', // peers are found and do not have the content
  'clock-skew', // the clocks of the nodes are apart
  'two-agents-one-node', // two agents claim one node
  'counter-jump', // a counter grew faster than any mirror answers
])
export type FindingRule = z.infer<typeof findingRuleSchema>

/** What a rule tells apart; every one has a meaning of its own. A rule without causes has one meaning. */
export const findingCauses = {
  'no-answer': [
    'refused',
    'silent',
    'name',
    'access',
    'fault',
    'not-running', // the cluster says so
    'not-scraped', // Prometheus says so
    'not-metrics', // something answers, but not with Spegel's metrics
  ],
  'never-asks': ['own-config', 'colon-list', 'config-path', 'k3s', 'unknown', 'nobody'],
  'registry-not-asked': [],
  'never-hits': ['others-hit', 'nobody'],
  'server-faults': ['missing-image', 'missing-blob', 'fault', 'unknown-version'],
  'resolve-timeout': ['slow-lookups', 'none-found', 'cannot-tell'],
  'not-ready': ['alone', 'everybody', 'some', 'no-peers'],
  restarts: ['seldom', 'again', 'memory', 'several-agents'],
  'nothing-advertised': ['family-absent', 'nothing', 'tags-only'],
  'registry-misses': [],
  'advertised-not-held': [],
  'clock-skew': ['nodes', 'ours'],
  'two-agents-one-node': ['one-node', 'listed-twice'],
  'counter-jump': [],
} as const satisfies Record<FindingRule, readonly string[]>
export type FindingCause<Rule extends FindingRule> = (typeof findingCauses)[Rule][number]

/** What to do, in the order it is worth trying; the words are the screen's. */
export const findingStepSchema = z.enum([
  'check-network-to-agent',
  'check-agent-running',
  'set-config-path', // containerd: registry config_path = /etc/containerd/certs.d
  'single-config-path', // containerd >= 2.1: one folder, not a list with ":"
  'use-local-image-pull',
  'remove-leftover-hosts', // a registry's own hosts.toml shadows _default
  'list-registry-k3s', // k3s and RKE2: mirrors of registries.yaml
  'wait-for-pulls', // nothing was pulled yet: nothing is wrong
  'keep-layers', // discard_unpacked_layers = false
  'raise-resolve-timeout',
  'check-peer-network', // port 5001 between the nodes
  'check-bootstrap',
  'update-spegel',
  'check-registry-filter', // mirroredRegistries, registryFilters
  'pull-not-import', // only what containerd pulled under the registry's name is advertised
  'check-memory-limit',
  'read-agent-log',
  'restart-agent',
  'sync-clocks',
  'check-addresses',
  'check-access', // credentials, permissions and TLS of the source
])
export type FindingStep = z.infer<typeof findingStepSchema>

/** Something that stands out, with the numbers it rests on. */
export const findingSchema = z.object({
  /** The same for the same rule and place in the next view, so that a list does not jump. */
  id: z.string(),
  rule: findingRuleSchema,
  severity: z.enum(['bad', 'warn', 'info']),
  source: z.string(),
  /** Ids of the agents it is about, at most 2,000; empty where it is about the whole source. */
  agents: z.array(z.string()),
  registry: z.string().optional(),
  /**
   * Numbers and names the words need, by name: `requests: 1204`, `limit: 20`, `runtime: containerd://2.1.5`. Always
   * there: `count`, how many agents it is about, and `agent`, the name of the first ('' for none). `cause` is one of
   * the rule's causes; `since` is the time the counts are from: `start`, `day` or `window`.
   */
  facts: z.record(z.string(), z.union([z.number(), z.string()])),
  /** One English sentence for the command line and tickets. */
  message: z.string(),
  next: z.array(findingStepSchema),
})
export type Finding = z.infer<typeof findingSchema>
