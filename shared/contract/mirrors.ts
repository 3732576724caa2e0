import { eventIterator } from '@orpc/contract'
import { z } from 'zod'
import { contentMapSchema, contentProgressSchema } from '../model/content-map.ts'
import { agentDetailSchema } from '../model/mirror-detail.ts'
import {
  kubeContextSchema,
  sourceDraftSchema,
  sourceEntrySchema,
  sourceStateSchema,
} from '../model/mirror-source.ts'
import { mirrorSeriesSchema, mirrorViewSchema, mirrorWindowSchema } from '../model/mirror.ts'
import { operation } from './base.ts'

const which = z.object({
  /** Ids of sources; left out means all. */
  sources: z.array(z.string()).max(100).optional(),
  window: mirrorWindowSchema,
})

/** Spegel's agents: where they are found, what their counters say, and who holds which content. */
export const mirrors = {
  /** Saved sources, then the demo's. */
  sources: operation.output(z.array(sourceEntrySchema)),
  addSource: operation.input(sourceDraftSchema).output(sourceEntrySchema),
  updateSource: operation
    .input(z.object({ id: z.string(), draft: sourceDraftSchema }))
    .output(sourceEntrySchema),
  /** Its history goes with it. */
  removeSource: operation.input(z.object({ id: z.string() })).output(z.object({ removed: z.boolean() })),
  /** One round over a source that need not be saved; `id` lends its secrets. */
  testSource: operation
    .input(z.object({ draft: sourceDraftSchema, id: z.string().optional() }))
    .output(sourceStateSchema),
  /** Contexts of a kubeconfig: of `kubeconfig`, or of the files kubectl would read. */
  contexts: operation
    .input(z.object({ kubeconfig: z.string().max(4000).optional() }))
    .output(z.array(kubeContextSchema)),
  /** What is known, at once and after every round, until the caller goes. */
  watch: operation.input(which).output(eventIterator(mirrorViewSchema)),
  /** The same once, without a round: a moment of the playback, an export. */
  view: operation.input(which).output(mirrorViewSchema),
  /** A round over all sources now. */
  refresh: operation.output(z.object({ at: z.number() })),
  /** Growth step by step, of all agents of the sources or of one. */
  series: operation
    .input(
      z.object({
        sources: z.array(z.string()).max(100).optional(),
        agent: z.object({ source: z.string(), id: z.string() }).optional(),
        from: z.number(),
        to: z.number(),
        /** Steps at most. */
        points: z.number().int().min(1).max(2000),
      }),
    )
    .output(mirrorSeriesSchema),
  detail: operation
    .input(z.object({ source: z.string(), id: z.string(), window: mirrorWindowSchema }))
    .output(agentDetailSchema),
  /** Asks every node's mirror for every part of an image, counters left alone; returns the map. */
  whoHasIt: operation
    .input(
      z.object({
        reference: z.string().min(1).max(2000),
        sources: z.array(z.string()).max(100).optional(),
        platform: z.string().max(100).optional(),
        /** A saved registry whose credential the upstream is asked with. */
        registryId: z.string().optional(),
      }),
    )
    .output(eventIterator(contentProgressSchema, contentMapSchema)),
}
