import { z } from 'zod'

/*
 * The parts of the Kubernetes API (v1) that the map is made of. Names are checked by Kubernetes' own rule, since they
 * become parts of paths; everything else is as optional as the API has it.
 */

/** RFC 1123 subdomain, as names of pods, nodes and namespaces are. */
const name = z
  .string()
  .max(253)
  .regex(/^[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?$/)
const text = z.string().optional()
const texts = z.record(z.string(), z.string()).default({})

const waiting = z.object({ reason: text, message: text })
const terminated = z.object({ reason: text, message: text, exitCode: z.number().optional() })
const containerState = z.object({
  running: z.unknown().optional(),
  waiting: waiting.optional(),
  terminated: terminated.optional(),
})
const containerStatus = z.object({
  name: z.string(),
  ready: z.boolean().default(false),
  restartCount: z.number().int().default(0),
  state: containerState.default({}),
  lastState: containerState.default({}),
})
export type ContainerStatus = z.infer<typeof containerStatus>

const condition = z.object({ type: z.string(), status: z.string(), reason: text, message: text })

const container = z.object({
  name: z.string(),
  image: text,
  args: z.array(z.string()).default([]),
  env: z.array(z.object({ name: z.string(), value: text })).default([]),
  ports: z.array(z.object({ name: text, containerPort: z.number().int().min(1).max(65_535) })).default([]),
})
export type Container = z.infer<typeof container>

const nodeField = z.object({ key: z.string(), operator: z.string(), values: z.array(z.string()).default([]) })
const nodeAffinity = z.object({
  requiredDuringSchedulingIgnoredDuringExecution: z
    .object({ nodeSelectorTerms: z.array(z.object({ matchFields: z.array(nodeField).default([]) })) })
    .optional(),
})

export const podSchema = z.object({
  metadata: z.object({
    name,
    namespace: name,
    uid: z.string().max(200),
    creationTimestamp: text,
    deletionTimestamp: text,
    ownerReferences: z.array(z.object({ kind: z.string(), name: z.string() })).default([]),
  }),
  spec: z.object({
    nodeName: name.optional(),
    affinity: z.object({ nodeAffinity: nodeAffinity.optional() }).optional(),
    containers: z.array(container),
  }),
  status: z
    .object({
      phase: text,
      reason: text,
      message: text,
      conditions: z.array(condition).default([]),
      initContainerStatuses: z.array(containerStatus).default([]),
      containerStatuses: z.array(containerStatus).default([]),
    })
    .prefault({}),
})
export type Pod = z.infer<typeof podSchema>

export const nodeSchema = z.object({
  metadata: z.object({ name, labels: texts, annotations: texts }),
  status: z
    .object({
      nodeInfo: z.object({ containerRuntimeVersion: text }).optional(),
      images: z.array(z.unknown()).default([]),
    })
    .prefault({}),
})
export type Node = z.infer<typeof nodeSchema>

export const listSchema = z.object({
  kind: z.string().regex(/List$/),
  metadata: z.object({ resourceVersion: z.string().default(''), continue: z.string().default('') }),
  items: z.array(z.unknown()).nullable(),
})

/** One line of a watch. */
export const watchEventSchema = z.object({
  type: z.enum(['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK', 'ERROR']),
  object: z.unknown(),
})

/** What a bookmark carries, and any object. */
export const versionSchema = z.object({ metadata: z.object({ resourceVersion: z.string().min(1) }) })

/** What the API says instead of an answer. */
export const statusSchema = z.object({ kind: z.literal('Status'), code: z.number().int().optional() })
