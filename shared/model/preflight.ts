import { z } from 'zod'
import { failureSchema } from './failure.ts'
import { repositorySchema } from './reference.ts'

/** What is looked at before a byte is sent, in the order a screen lists it. */
export const preflightCheckNameSchema = z.enum([
  'archive', // readable, its paths safe, within Helm's limits
  'chart', // Chart.yaml
  'version', // strict semver, and the tag it becomes
  'name', // registry, path and name make a repository's name
  'dependencies', // declared ones are in charts/
  'values', // values.yaml against values.schema.json
  'provenance', // its digest is the file's, its signature
  'registry', // answers, and is one
  'credentials', // which source won
  'permission', // the token allows a push to that path
  'repository', // there, or made by the push
  'tag', // free, this very content, or other content
  'transport', // the shape the upload will take, and why
])
export type PreflightCheckName = z.infer<typeof preflightCheckNameSchema>

/**
 * ok: holds. note: holds, and something is worth knowing. warn: publishing works, with consequences.
 * decide: waits for a deliberate act. blocked: publishing would fail. skipped: could not be looked at, since another
 * check failed or nothing can be asked.
 */
export const preflightOutcomeSchema = z.enum(['ok', 'note', 'warn', 'decide', 'blocked', 'skipped'])
export type PreflightOutcome = z.infer<typeof preflightOutcomeSchema>

export const preflightCheckSchema = z.object({
  check: preflightCheckNameSchema,
  outcome: preflightOutcomeSchema,
  /** The finding: `tag-free`, `tag-other-content`, …; the screen says it in its language. */
  finding: z.string().max(100),
  /** What the words of the finding name: a tag, a digest, a path. */
  values: z.record(z.string(), z.string().max(2000)).default({}),
  /** One English sentence, for the command line. */
  message: z.string(),
  /** Where an exchange or a file failed: who answered, evidence, next steps. */
  failure: failureSchema.optional(),
})
export type PreflightCheck = z.infer<typeof preflightCheckSchema>

export const preflightInputSchema = z.object({
  ticket: z.string(),
  registryId: z.string(),
  path: z.union([z.literal(''), repositorySchema]),
})
export type PreflightInput = z.infer<typeof preflightInputSchema>

export const preflightReportSchema = z.object({
  /** Nothing is blocked; what is to be decided may still be open. */
  ready: z.boolean(),
  /** Digest of the manifest the tag names now, where that is another one: the overwriting has to name it. */
  overwrites: z.string().optional(),
  checks: z.array(preflightCheckSchema),
})
export type PreflightReport = z.infer<typeof preflightReportSchema>
