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
  /** The log-ins of this machine: docker's, podman's, helm's. The name is older than the other two. */
  z.object({ source: z.literal('docker-config') }),
  z.object({
    source: z.literal('password'),
    username: z.string().min(1).max(1000),
    /** Left out when an entry is edited and its secret stays as it is. */
    password: z.string().min(1).max(10_000).optional(),
  }),
])
export type CredentialDraft = z.infer<typeof credentialDraftSchema>

/** Where a credential came from. */
export const credentialSourceSchema = z.enum(['password', 'docker', 'podman', 'helm', 'anonymous'])
export type CredentialSource = z.infer<typeof credentialSourceSchema>

/** One place that was looked at for a credential, in the order they were looked at. Never the secret. */
export const consideredSchema = z.object({
  source: credentialSourceSchema,
  /** A file, a variable or a helper: `~/.docker/config.json`, `docker-credential-pass`; empty where it is the app. */
  place: z.string(),
  /** `overruled`: it has one, another place came first. `not-asked`: a helper that did not have to run. */
  outcome: z.enum(['used', 'overruled', 'not-asked', 'no-entry', 'absent', 'broken']),
  /** One English sentence where it is broken, or knows only parts of the registry. */
  detail: z.string().optional(),
})
export type Considered = z.infer<typeof consideredSchema>

/** PEM text of certificates; what is in it is checked when it is given. */
const pemSchema = z
  .string()
  .min(1)
  .max(1024 * 1024)

/**
 * How the registry's TLS is met, beside the system's roots and `certs.d`. What an edited draft leaves out stays;
 * null takes it away.
 */
export const tlsDraftSchema = z.object({
  /** false takes any certificate; it stays visible as long as it stands. */
  verify: z.boolean().default(true),
  /** Authorities trusted for this registry beside the system's. */
  ca: pemSchema.nullable().optional(),
  /** A client certificate; its key is a secret, goes to the vault and is given together with it. */
  clientCertificate: pemSchema.nullable().optional(),
  clientKey: pemSchema.optional(),
})
export type TlsDraft = z.infer<typeof tlsDraftSchema>

/** One certificate of the chain a server sent, the leaf first. Times in milliseconds since 1970. */
const certificateSchema = z.object({
  subject: z.string(),
  issuer: z.string(),
  names: z.array(z.string()),
  validFrom: z.number(),
  validTo: z.number(),
  sha256: z.string(),
  selfSigned: z.boolean(),
})

/** What a TLS handshake with a registry showed. */
export const tlsReportSchema = z.object({
  host: z.string(),
  protocol: z.string(),
  cipher: z.string(),
  chain: z.array(certificateSchema),
  /** Whether it verifies with what is trusted for this registry. */
  trusted: z.boolean(),
  /** Where trust comes from: the system, a file of certs.d, the entry's own. */
  trustedBy: z.array(z.string()),
  problems: z.array(
    z.enum([
      'expired',
      'not-yet-valid',
      'wrong-name',
      'self-signed',
      'unknown-authority',
      'missing-intermediate',
      'client-certificate-wanted',
      'weak',
      'not-verified',
    ]),
  ),
  /** OpenSSL's word for the first thing that does not verify. */
  code: z.string().optional(),
  /** Files of certs.d that could not be read. */
  unread: z.array(z.string()).default([]),
})
export type TlsReport = z.infer<typeof tlsReportSchema>

/** A `Warning: 299 - "text"` of a registry (distribution-spec, "Warnings"), told once. */
export const registryWarningSchema = z.object({ host: z.string(), text: z.string(), at: z.number() })
export type RegistryWarning = z.infer<typeof registryWarningSchema>

export const registryDraftSchema = z.object({
  name: z.string().trim().min(1).max(100),
  /** Address; its scheme decides plain http or TLS. */
  url: registryUrlSchema,
  credential: credentialDraftSchema,
  tls: tlsDraftSchema.optional(),
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
  tls: z.object({ verify: z.boolean(), hasCa: z.boolean(), hasClientCertificate: z.boolean() }),
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
  credential: credentialSourceSchema,
  /** Where one was looked for, in order: the winner and the losers. */
  considered: z.array(consideredSchema),
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
