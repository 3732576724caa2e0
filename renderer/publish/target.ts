import { type ChartFile, tagOfVersion } from '../../shared/model/chart.ts'
import { type Reference, registryHost, repositorySchema } from '../../shared/model/reference.ts'

export type PathProblem = 'path' | 'repository'

/** What was typed as the path, without the slashes people put around it. */
export function cleanPath(typed: string): string {
  return typed.trim().replace(/^\/+|\/+$/g, '')
}

/** Where a chart goes: host, `path/name` and the tag Helm gives its version. */
export function targetReference(
  registryUrl: string,
  path: string,
  metadata: ChartFile['metadata'],
): Reference & { tag: string } {
  return {
    registry: registryHost(registryUrl),
    repository: path === '' ? metadata.name : `${path}/${metadata.name}`,
    tag: tagOfVersion(metadata.version),
  }
}

/** What is wrong with a path for this chart: the path itself, or the repository name it makes with the chart's. */
export function pathProblem(path: string, metadata: ChartFile['metadata']): PathProblem | undefined {
  if (path !== '' && !repositorySchema.safeParse(path).success) return 'path'
  const repository = path === '' ? metadata.name : `${path}/${metadata.name}`
  return repositorySchema.safeParse(repository).success ? undefined : 'repository'
}
