import { z } from 'zod'
import { answererSchema, failureSchema, nextStepSchema } from './failure.ts'

/** containerd releases whose rule for "which host's error is reported" differs (notes: spegel, section 3.3). */
export const containerdVersionSchema = z.enum(['1.7', '2.1'])
export type ContainerdVersion = z.infer<typeof containerdVersionSchema>

export const pullInputSchema = z.object({
  reference: z.string().min(1).max(1000),
  /** The text of a hosts.toml; empty means: no mirror, the upstream alone. */
  hostsToml: z.string().max(256 * 1024),
  platform: z
    .string()
    .regex(/^[a-z0-9]+\/[a-z0-9]+(?:\/[a-z0-9]+)?$/)
    .default('linux/amd64'),
  containerd: containerdVersionSchema.default('2.1'),
  /** A saved registry whose credential is used for the upstream alone. */
  registryId: z.string().optional(),
})
export type PullInput = z.infer<typeof pullInputSchema>

export const pullStepSchema = z.enum(['resolve', 'manifest', 'platform-manifest', 'blob'])
export type PullStep = z.infer<typeof pullStepSchema>

/** One request to one host. */
export const pullAttemptSchema = z.object({
  /** host:port */
  host: z.string(),
  role: z.enum(['mirror', 'upstream']),
  step: pullStepSchema,
  method: z.enum(['HEAD', 'GET']),
  url: z.string(),
  /** Milliseconds since the walk began. */
  start: z.number(),
  duration: z.number(),
  status: z.number().int().optional(),
  answeredBy: answererSchema,
  /** served: containerd stops here. not-here: an ordinary 404, the next host is asked. fault: something is wrong with this hop. */
  outcome: z.enum(['served', 'not-here', 'fault']),
  failure: failureSchema.optional(),
})
export type PullAttempt = z.infer<typeof pullAttemptSchema>

export const pullVerdictSchema = z.object({
  kind: z.enum([
    'pull-works', // every step was served
    'pull-works-with-faults', // served, but a hop on the way is broken
    'not-found-anywhere', // the upstream too says there is no such content
    'upstream-refuses', // 401/403
    'upstream-limits', // 429
    'upstream-faults', // 5xx, or not a registry
    'upstream-unreachable',
    'platform-missing', // the index has no manifest for this platform
    'content-invalid', // what came does not match its digest or format
  ]),
  /** The host the verdict is about. */
  host: z.string().optional(),
  step: pullStepSchema.optional(),
  /** English; screens say it by `kind` in their own language. */
  message: z.string(),
  next: z.array(nextStepSchema),
  /** What containerd would print, and the rule that says so; absent when the pull works. */
  containerd: z
    .object({
      version: containerdVersionSchema,
      message: z.string(),
      rule: z.enum(['resolve-first-non-404', 'resolve-highest', 'fetch-first']),
      host: z.string(),
    })
    .optional(),
})
export type PullVerdict = z.infer<typeof pullVerdictSchema>

export const pullReportSchema = z.object({
  reference: z.string(),
  attempts: z.array(pullAttemptSchema),
  verdict: pullVerdictSchema,
})
export type PullReport = z.infer<typeof pullReportSchema>
