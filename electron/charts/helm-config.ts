import type { ChartMetadata } from '../../shared/model/chart.ts'
import type { Descriptor } from '../../shared/model/manifest.ts'
import { goJson, goMap, goValue } from './go-json.ts'

/** Fields in the order of Helm's Go structs (pkg/chart/v2: metadata.go, dependency.go): JSON keeps it. */
const metadataOrder = [
  'name',
  'home',
  'sources',
  'version',
  'description',
  'keywords',
  'maintainers',
  'icon',
  'apiVersion',
  'condition',
  'tags',
  'appVersion',
  'deprecated',
  'annotations',
  'kubeVersion',
  'dependencies',
  'type',
] as const
const maintainerOrder = ['name', 'email', 'url'] as const
const dependencyOrder = [
  'name',
  'version',
  'repository',
  'condition',
  'tags',
  'enabled',
  'import-values',
  'alias',
] as const

/** The config blob of a chart: byte for byte what `helm push` makes of the same Chart.yaml. */
export function helmConfig(metadata: ChartMetadata): Uint8Array {
  const { maintainers = [], dependencies = [], annotations = {} } = metadata
  return Buffer.from(
    goJson(
      inOrder(metadataOrder, {
        ...metadata,
        annotations: goMap(annotations),
        maintainers: maintainers.map((maintainer) => inOrder(maintainerOrder, maintainer)),
        dependencies: dependencies.map(goDependency),
      }),
    ),
  )
}

/** A dependency with its fields in the order of Helm's struct, which writes two of them even when they are empty. */
export function goDependency(dependency: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const fields = { ...dependency, 'import-values': goValue(dependency['import-values']) }
  return inOrder(dependencyOrder, fields, ['name', 'repository'])
}

/**
 * The manifest of a chart as `helm push` writes it: no media type of its own, layers by digest, and what
 * Chart.yaml says as annotations. `created` is RFC 3339.
 */
export function helmManifest(parts: {
  metadata: ChartMetadata
  config: Descriptor
  layers: readonly Descriptor[]
  created: string
}): Uint8Array {
  return Buffer.from(
    goJson({
      schemaVersion: 2,
      config: bare(parts.config),
      layers: parts.layers.map(bare).sort((a, b) => (a.digest < b.digest ? -1 : 1)),
      annotations: goMap(annotationsOf(parts.metadata, parts.created)),
    }),
  )
}

/** org.opencontainers.image.*, then the chart's own; a chart does not decide its title and version twice. */
function annotationsOf(metadata: ChartMetadata, created: string): Record<string, string> {
  const image = 'org.opencontainers.image'
  const known: Record<string, string | undefined> = {
    [`${image}.description`]: metadata.description,
    [`${image}.title`]: metadata.name,
    [`${image}.version`]: metadata.version,
    [`${image}.url`]: metadata.home,
    [`${image}.created`]: created,
    [`${image}.source`]: metadata.sources?.[0],
    [`${image}.authors`]: metadata.maintainers?.map(author).join(', '),
  }
  const annotations = { ...metadata.annotations }
  for (const [key, value] of Object.entries(known)) {
    const fixed = key === `${image}.title` || key === `${image}.version`
    if (value === undefined || value.trim() === '' || (!fixed && Object.hasOwn(annotations, key))) continue
    annotations[key] = value
  }
  return annotations
}

function author(maintainer: { name: string; email?: string | undefined }): string {
  const { name, email = '' } = maintainer
  return email === '' ? name : `${name} (${email})`
}

/** The known fields in their order, without the empty ones: Go's `omitempty`. */
function inOrder(
  order: readonly string[],
  fields: Readonly<Record<string, unknown>>,
  always: readonly string[] = [],
): Record<string, unknown> {
  const ordered: Record<string, unknown> = {}
  for (const name of order) {
    const value = fields[name]
    if (!isEmpty(value)) ordered[name] = value
    else if (always.includes(name)) ordered[name] = ''
  }
  return ordered
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === '' || value === false) return true
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0
}

function bare({ mediaType, digest, size }: Descriptor) {
  return { mediaType, digest, size }
}
