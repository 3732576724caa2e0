import { z } from 'zod'
import { uploadModeSchema } from './upload.ts'

const choices = {
  theme: z.enum(['system', 'light', 'dark']),
  language: z.enum(['system', 'en', 'zh-CN']),
  uploadMode: uploadModeSchema,
  /** Seconds between two scrapes of the agents. */
  scrapeSeconds: z.number().int().min(2).max(3600),
  /** MiB up to which an upload is read into memory where that was chosen. */
  bufferMebibytes: z.number().int().min(1).max(4096),
  /** MiB of blobs and manifests kept on disk; 0 keeps none. */
  cacheMebibytes: z.number().int().min(0).max(65_536),
  /** Requests to one registry at a time. */
  requestsPerRegistry: z.number().int().min(1).max(64),
  /** MiB of a manifest that are read at most. */
  manifestMebibytes: z.number().int().min(1).max(64),
}

export const settingsSchema = z.object({
  theme: choices.theme.default('system'),
  language: choices.language.default('system'),
  uploadMode: choices.uploadMode.default('auto'),
  scrapeSeconds: choices.scrapeSeconds.default(15),
  bufferMebibytes: choices.bufferMebibytes.default(256),
  cacheMebibytes: choices.cacheMebibytes.default(512),
  requestsPerRegistry: choices.requestsPerRegistry.default(8),
  manifestMebibytes: choices.manifestMebibytes.default(4),
})
/** What an update may carry. Without defaults: zod fills them in even where a field is optional. */
export const settingsChangeSchema = z.object(choices).partial()
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
