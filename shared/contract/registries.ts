import { eventIterator } from '@orpc/contract'
import { z } from 'zod'
import { copyEventSchema, copyInputSchema, copyResultSchema } from '../model/copy.ts'
import { artifactDetailSchema } from '../model/manifest.ts'
import { repositorySchema, tagOrDigestSchema } from '../model/reference.ts'
import {
  namePageSchema,
  nameTotalSchema,
  registryDraftSchema,
  registryEntrySchema,
  registryTestSchema,
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
  /** GET /v2/ of a saved one. */
  ping: operation.input(byId).output(registryTestSchema),
  /** One event a page, following Link to the end; the return value counts. */
  repositories: operation.input(byId).output(names),
  tags: operation.input(byId.extend({ repository: repositorySchema })).output(names),
  artifact: operation
    .input(byId.extend({ repository: repositorySchema, reference: tagOrDigestSchema }))
    .output(artifactDetailSchema),
  /** From repository to repository; closing the iterator or aborting the call cancels at once and sets no tag. */
  copy: operation.input(copyInputSchema).output(eventIterator(copyEventSchema, copyResultSchema)),
}
