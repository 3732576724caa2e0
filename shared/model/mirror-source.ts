import { z } from 'zod'
import { failureSchema } from './failure.ts'
import { tlsDraftSchema } from './registry.ts'

/** A metrics address as a person types it: `10.0.0.5:9090`, `node-1:9090`, `http://node-1:9090/metrics`. */
export const agentAddressSchema = z.string().trim().min(1).max(500)

/** Who asks: a password or a bearer token is a secret, goes to the vault and is left out where it stays. */
export const sourceCredentialDraftSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('none') }),
  z.object({
    kind: z.literal('basic'),
    username: z.string().min(1).max(1000),
    password: z.string().min(1).max(10_000).optional(),
  }),
  z.object({ kind: z.literal('bearer'), token: z.string().min(1).max(100_000).optional() }),
])
export type SourceCredentialDraft = z.infer<typeof sourceCredentialDraftSchema>

/** The port of every node on which its mirror answers pulls, for "who has it"; Spegel's hostPort is 30020. */
const mirrorPortSchema = z.number().int().min(1).max(65_535).default(30_020)

/** A list of metrics addresses; a DNS name that resolves to many is as many agents. */
const agentsSettingsSchema = z.object({
  kind: z.literal('agents'),
  addresses: z.array(agentAddressSchema).max(5000),
  mirrorPort: mirrorPortSchema,
})

/** Spegel's pods in a cluster, read through its API server; in k3s and RKE2 the nodes themselves. */
const kubernetesSettingsSchema = z.object({
  kind: z.literal('kubernetes'),
  /** A context of the kubeconfig. */
  context: z.string().min(1).max(500),
  /** Path of the kubeconfig; left out it is KUBECONFIG or ~/.kube/config, as kubectl has it. */
  kubeconfig: z.string().max(4000).optional(),
})

/** Anything that speaks Prometheus' HTTP API: Prometheus, Thanos, Mimir, VictoriaMetrics. */
const prometheusSettingsSchema = z.object({
  kind: z.literal('prometheus'),
  /** Up to the part before `/api/v1`. */
  url: z.url({ protocol: /^https?$/ }).max(2000),
  /** Label matchers that every query carries, without braces: `cluster="prod",job="spegel"`. */
  matchers: z.string().max(2000).default(''),
  /** Mimir's X-Scope-OrgID. */
  tenant: z.string().max(500).optional(),
  mirrorPort: mirrorPortSchema,
})

export const sourceSettingsSchema = z.discriminatedUnion('kind', [
  agentsSettingsSchema,
  kubernetesSettingsSchema,
  prometheusSettingsSchema,
])
export type SourceSettings = z.infer<typeof sourceSettingsSchema>
export type AgentsSettings = z.infer<typeof agentsSettingsSchema>
export type KubernetesSettings = z.infer<typeof kubernetesSettingsSchema>
export type PrometheusSettings = z.infer<typeof prometheusSettingsSchema>

export const sourceDraftSchema = z.object({
  name: z.string().trim().min(1).max(100),
  settings: sourceSettingsSchema,
  credential: sourceCredentialDraftSchema.default({ kind: 'none' }),
  tls: tlsDraftSchema.optional(),
})
export type SourceDraft = z.infer<typeof sourceDraftSchema>

/** A saved source: one cluster, as far as the map is concerned. */
export const sourceEntrySchema = z.object({
  id: z.string(),
  name: z.string(),
  settings: sourceSettingsSchema,
  credential: z.object({
    kind: z.enum(['none', 'basic', 'bearer']),
    username: z.string().optional(),
    hasSecret: z.boolean(),
  }),
  tls: z.object({ verify: z.boolean(), hasCa: z.boolean(), hasClientCertificate: z.boolean() }),
  /** The simulated agents of the demo: always labelled, never saved. */
  demo: z.boolean(),
})
export type SourceEntry = z.infer<typeof sourceEntrySchema>

/** A context of a kubeconfig. */
export const kubeContextSchema = z.object({
  name: z.string(),
  cluster: z.string(),
  server: z.string(),
  namespace: z.string().optional(),
  /** The one kubectl uses when it is not told. */
  current: z.boolean(),
})
export type KubeContext = z.infer<typeof kubeContextSchema>

/** How a source is doing. */
export const sourceStateSchema = z.object({
  id: z.string(),
  name: z.string(),
  kind: z.enum(['agents', 'kubernetes', 'prometheus']),
  demo: z.boolean(),
  /** `waiting`: no round has ended yet. `failing`: the source as a whole gave nothing; `failure` says why. */
  state: z.enum(['waiting', 'ok', 'failing']),
  failure: failureSchema.optional(),
  /** Agents it knows, and how many of them answered in the last round. */
  agents: z.number().int(),
  answering: z.number().int(),
  /** When the last round began and how long it took, ms. */
  at: z.number().optional(),
  took: z.number().optional(),
  /** What it says of its own last answer, in its words: a Prometheus that has only a part of the metrics. */
  warnings: z.array(z.string().max(500)).max(20).optional(),
  /** Its clock minus ours, ms, where its readings are timed by its clock. */
  clockOffset: z.number().optional(),
  /** What a person should know of how it reads: `node-proxy`, `pod-proxy`, `prometheus`; empty for plain agents. */
  way: z.enum(['direct', 'pod-proxy', 'node-proxy', 'prometheus']),
})
export type SourceState = z.infer<typeof sourceStateSchema>
