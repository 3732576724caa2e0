import { eventIterator } from '@orpc/contract'
import { z } from 'zod'
import { failureSchema } from '../model/failure.ts'
import { capabilitiesSchema } from '../model/settings.ts'
import { operation } from './base.ts'

/** What the host around the window can do. The window never asks which host it is in. */
export const host = {
  capabilities: operation.output(capabilitiesSchema),
  /** Starts the embedded registry and the simulated agents and adds them to the lists; twice is once. */
  startDemo: operation.output(z.object({ registryId: z.string() })),
  stopDemo: operation.output(z.object({ stopped: z.boolean() })),
  /**
   * Files and folders the system handed over (opened with the app, named to a second instance): tickets of those that
   * were taken in, and why others were not.
   */
  openedFiles: operation.output(
    eventIterator(
      z.object({
        tickets: z.array(z.string()),
        refused: z.array(z.object({ fileName: z.string(), failure: failureSchema })),
      }),
    ),
  ),
  /** Opens an https address in the system's browser; any other scheme is refused. */
  openExternal: operation
    .input(z.object({ url: z.url({ protocol: /^https$/ }).max(2000) }))
    .output(z.object({ opened: z.boolean() })),
}
