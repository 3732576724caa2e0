import { eventIterator } from '@orpc/contract'
import { z } from 'zod'
import { copyEventSchema, copyInputSchema, copyResultSchema } from '../model/copy.ts'
import { artifactDetailSchema, referrersSchema } from '../model/manifest.ts'
import { digestSchema, repositorySchema, tagOrDigestSchema } from '../model/reference.ts'
import {
  namePageSchema,
  nameTotalSchema,
  registryDraftSchema,
  registryEntrySchema,
  registryTestSchema,
  registryWarningSchema,
  tlsReportSchema,
} from '../model/registry.ts'
import { operation } from './base.ts'

const byId = z.object({ id: z.string() })
const names = eventIterator(namePageSchema, nameTotalSchema)

/** The saved registries and what is in them. */
export const registries = {
  list: operation.output(z.array(registryEntrySchema)),
  add: operation.input(registryDraftSchema).output(registryEntrySchema),
  update: operation.input(byId.extend({ draft: registryDraftSchema })).output(registryEntrySchema),
  remove: operation.input(byId).output(z.object({ removed: z.boolean() })),
  /** Asks a registry that may not be saved yet; `id` lends its stored secret to an edited draft. */
  test: operation
    .input(z.object({ draft: registryDraftSchema, id: z.string().optional() }))
    .output(registryTestSchema),
  /** Looks at the TLS a draft would meet; nothing is asked of the registry. `id` lends as it does to a test. */
  tlsReport: operation
    .input(z.object({ draft: registryDraftSchema, id: z.string().optional() }))
    .output(tlsReportSchema),
  /** GET /v2/ of a saved one. */
  ping: operation.input(byId).output(registryTestSchema),
  /** One event a page, following Link to the end; the return value counts. */
  repositories: operation.input(byId).output(names),
  tags: operation.input(byId.extend({ repository: repositorySchema })).output(names),
  artifact: operation
    .input(byId.extend({ repository: repositorySchema, reference: tagOrDigestSchema }))
    .output(artifactDetailSchema),
  /** What refers to a manifest: signatures, SBOMs, provenance. */
  referrers: operation
    .input(
      byId.extend({
        repository: repositorySchema,
        digest: digestSchema,
        artifactType: z.string().min(1).max(255).optional(),
      }),
    )
    .output(referrersSchema),
  /** What registries warned of: all so far, then each new one, none twice. */
  warnings: operation.output(eventIterator(z.array(registryWarningSchema))),
  /** From repository to repository; closing the iterator or aborting the call cancels at once and sets no tag. */
  copy: operation.input(copyInputSchema).output(eventIterator(copyEventSchema, copyResultSchema)),
}
