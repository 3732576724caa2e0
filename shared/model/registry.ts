import { z } from 'zod'

const registryUrlSchema = z
  // what is no URL must not reach the refinement below, which parses it
  .url({ protocol: /^https?$/, abort: true })
  .max(2000)
  .refine((text) => {
    const url = new URL(text)
    return (
      url.username === '' &&
      url.password === '' &&
      url.search === '' &&
      url.hash === '' &&
      url.pathname === '/'
    )
  }, 'an address is http(s)://host[:port] and nothing more')

/** How the app proves who it is. A secret goes in, never out. */
export const credentialDraftSchema = z.discriminatedUnion('source', [
  z.object({ source: z.literal('anonymous') }),
  z.object({ source: z.literal('docker-config') }),
  z.object({
    source: z.literal('password'),
    username: z.string().min(1).max(1000),
    /** Left out when an entry is edited and its secret stays as it is. */
    password: z.string().min(1).max(10_000).optional(),
  }),
])
export type CredentialDraft = z.infer<typeof credentialDraftSchema>

export const registryDraftSchema = z.object({
  name: z.string().trim().min(1).max(100),
  /** Address; its scheme decides plain http or TLS. */
  url: registryUrlSchema,
  credential: credentialDraftSchema,
})
export type RegistryDraft = z.infer<typeof registryDraftSchema>

export const registryEntrySchema = z.object({
  id: z.string(),
  name: z.string(),
  url: z.string(),
  credential: z.object({
    source: z.enum(['anonymous', 'docker-config', 'password']),
    username: z.string().optional(),
    hasSecret: z.boolean(),
  }),
  /** True for the embedded demo registry, which is always labelled. */
  demo: z.boolean(),
})
export type RegistryEntry = z.infer<typeof registryEntrySchema>

/** What a test of a registry found. */
export const registryTestSchema = z.object({
  milliseconds: z.number(),
  /** Docker-Distribution-Api-Version, if sent. */
  apiVersion: z.string().optional(),
  server: z.string().optional(),
  authentication: z.enum(['none', 'basic', 'bearer']),
  /** Which credential won; never the secret. */
  credential: z.enum(['anonymous', 'docker-config', 'password']),
})
export type RegistryTest = z.infer<typeof registryTestSchema>

/** One page of names, in the order the registry sends them. */
export const namePageSchema = z.object({ names: z.array(z.string()) })
/** `complete` is false when a limit of ours stopped the walk; `pages` is how many were read. */
export const nameTotalSchema = z.object({
  count: z.number().int(),
  pages: z.number().int(),
  complete: z.boolean(),
})
