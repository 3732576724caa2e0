import { z } from 'zod'
import { uploadModeSchema } from './upload.ts'

export const settingsSchema = z.object({
  theme: z.enum(['system', 'light', 'dark']).default('system'),
  language: z.enum(['system', 'en', 'zh-CN']).default('system'),
  uploadMode: uploadModeSchema.default('auto'),
  /** Seconds between two scrapes of the agents. */
  scrapeSeconds: z.number().int().min(2).max(3600).default(15),
})
export type Settings = z.infer<typeof settingsSchema>

export const capabilitiesSchema = z.object({
  version: z.string(),
  /** Where secrets rest: the system's vault, a file without one (said honestly), or memory until the app ends. */
  secrets: z.enum(['os', 'plain', 'memory']),
  /** True while the demo registry and the simulated agents run. */
  demo: z.boolean(),
  /** True where the host can hand over files by itself (opened with the app, a second instance). */
  opensFiles: z.boolean(),
})
export type Capabilities = z.infer<typeof capabilitiesSchema>
