import { z } from 'zod'
import type { Reference } from './reference.ts'

/** Chart.yaml as Helm reads it (helm.sh/docs/topics/charts, "The Chart.yaml File"); unknown fields are kept. */
export const chartMetadataSchema = z
  .object({
    apiVersion: z.string(),
    name: z.string(),
    version: z.string(),
    kubeVersion: z.string().optional(),
    description: z.string().optional(),
    type: z.string().optional(),
    keywords: z.array(z.string()).optional(),
    home: z.string().optional(),
    sources: z.array(z.string()).optional(),
    dependencies: z
      .array(
        z
          .object({
            name: z.string(),
            version: z.string().optional(),
            repository: z.string().optional(),
            alias: z.string().optional(),
          })
          .loose(),
      )
      .optional(),
    maintainers: z
      .array(z.object({ name: z.string(), email: z.string().optional(), url: z.string().optional() }).loose())
      .optional(),
    icon: z.string().optional(),
    appVersion: z.string().optional(),
    deprecated: z.boolean().optional(),
    annotations: z.record(z.string(), z.string()).optional(),
  })
  .loose()
export type ChartMetadata = z.infer<typeof chartMetadataSchema>

const mebibyte = 1024 * 1024

/** What Helm reads of a chart at most, in bytes (helm.sh/helm/v4/pkg/chart/loader/archive), and our limit of its files. */
export const chartLimits = { content: 100 * mebibyte, file: 5 * mebibyte, files: 20_000 } as const

/** A chart file that was taken in and read; `ticket` names it until it is published or dropped. */
export const chartFileSchema = z.object({
  ticket: z.string(),
  fileName: z.string(),
  /** Bytes of the .tgz. */
  size: z.number().int(),
  /** sha256 of the .tgz: the digest of the layer it becomes. */
  digest: z.string(),
  entries: z.number().int(),
  /** `folder`: Chartroom packaged it, as `helm package` does. */
  source: z.enum(['archive', 'folder']),
  /** The .prov that was taken in with it, by its name; nobody has verified it yet. */
  provenance: z.object({ fileName: z.string(), size: z.number().int(), digest: z.string() }).optional(),
  metadata: chartMetadataSchema,
})
export type ChartFile = z.infer<typeof chartFileSchema>

/** A .prov that was taken in: part of a chart, or waiting for it. */
export const provenanceFileSchema = z.object({
  ticket: z.string(),
  fileName: z.string(),
  /** The name of the chart's file it belongs to. */
  chartFileName: z.string(),
  /** That chart; absent while it has not been taken in. */
  chartTicket: z.string().optional(),
})
export type ProvenanceFile = z.infer<typeof provenanceFileSchema>

/** What a file that was taken in turned out to be. */
export const takenInSchema = z.union([chartFileSchema, provenanceFileSchema])
export type TakenIn = z.infer<typeof takenInSchema>

/** Whether it is a chart and no provenance. */
export function isChartFile(taken: TakenIn): taken is ChartFile {
  return 'metadata' in taken
}

/** The tag Helm pushes a version under: `+` is not allowed in tags and becomes `_` (helm issue 10166). */
export function tagOfVersion(version: string): string {
  return version.replaceAll('+', '_')
}

/** The version a tag stands for in Helm's eyes. */
export function versionOfTag(tag: string): string {
  return tag.replaceAll('_', '+')
}

/**
 * The name a release or object gets from a chart's: what Helm and Kubernetes both take (DNS-1123, at most 53
 * characters: helm.sh/docs/chart_template_guide, "release names").
 */
export function releaseName(repository: string): string {
  const chart = repository.slice(repository.lastIndexOf('/') + 1).toLowerCase()
  const allowed = chart.replace(/[^a-z0-9]+/g, '-').slice(0, 53)
  return allowed.replace(/^-|-$/g, '') || 'chart'
}

/** The exact helm lines for a chart that was published; `plainHttp` where the registry speaks http. */
export function helmLines(
  reference: Reference,
  version: string,
  plainHttp: boolean,
): { pull: string; install: string; template: string } {
  const chart = `oci://${reference.registry}/${reference.repository} --version ${version}${plainHttp ? ' --plain-http' : ''}`
  const release = releaseName(reference.repository)
  return {
    pull: `helm pull ${chart}`,
    install: `helm install ${release} ${chart}`,
    template: `helm template ${release} ${chart}`,
  }
}
