import type { Ask, Transport } from './ask.ts'

/** A repository of a registry, and how it is asked. */
export interface RepositoryPlace {
  /** Authorized for the registry's own origin. */
  transport: Transport
  /** The registry's address. */
  url: string
  repository: string
  signal?: AbortSignal | undefined
  /** Asked of the token service: a push names `pull,push` from its first HEAD on. */
  push?: boolean
}

/** An ask for `path` under `/v2/<name>/`, with the scope its place calls for. */
export function askAt(
  place: RepositoryPlace,
  path: string,
  ask: Pick<Ask, 'method' | 'phase' | 'maxBytes'> & Partial<Ask>,
): Ask {
  return {
    url: new URL(`/v2/${place.repository}/${path}`, place.url).toString(),
    role: 'registry',
    scope: `repository:${place.repository}:${place.push === true ? 'pull,push' : 'pull'}`,
    ...(place.signal !== undefined ? { signal: place.signal } : {}),
    ...ask,
  }
}
