import { eventIterator } from '@orpc/contract'
import { z } from 'zod'
import { agentAddressSchema, mirrorRoundSchema } from '../model/mirror.ts'
import { operation } from './base.ts'

/** Spegel agents and what their counters say. */
export const mirrors = {
  agents: operation.output(z.array(z.object({ agent: z.string(), demo: z.boolean() }))),
  /** Replaces the saved list; addresses that cannot be one are refused by name and nothing is changed. */
  setAgents: operation
    .input(z.object({ agents: z.array(agentAddressSchema).max(5000) }))
    .output(z.array(z.string())),
  /** A round at once and then one every `scrapeSeconds` of the settings, until the caller goes. */
  watch: operation.output(eventIterator(mirrorRoundSchema)),
  /** One round over agents that need not be saved. */
  scrape: operation
    .input(z.object({ agents: z.array(agentAddressSchema).min(1).max(5000) }))
    .output(mirrorRoundSchema),
}
