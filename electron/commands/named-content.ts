import { failureError } from '../../shared/model/local-failure.ts'
import { parseReference, type Reference } from '../../shared/model/reference.ts'
import { defaultServer } from '../pulls/hosts-toml.ts'

/** A reference of the command line, and the address of the registry that is asked for it. */
export interface NamedContent {
  url: string
  repository: string
  tag?: string
  digest?: string
}

/**
 * Reads `[http://|https://]host/repository[:tag][@digest]`. Without a scheme it is https, on loopback http, and for
 * docker.io the host that serves it. A tag is only there where one is written. Throws `reference-invalid`.
 */
export function namedContent(text: string): NamedContent {
  const [, scheme, rest = text] = /^(https?:\/\/)(.*)$/.exec(text) ?? []
  const { registry, repository, tag, digest } = parseReference(rest)
  return {
    url: scheme === undefined ? defaultServer(registry) : `${scheme}${registry}`,
    repository,
    ...(tag !== undefined && isWritten(rest, tag) ? { tag } : {}),
    ...(digest !== undefined ? { digest } : {}),
  }
}

/** The same for what is to be written: a tag or nothing may be said, its digest is that of what comes. */
export function namedTarget(text: string): { url: string; repository: string; tag?: string } {
  const { digest, ...target } = namedContent(text)
  if (digest === undefined) return target
  throw failureError(
    'reference-invalid',
    'input',
    'A target has a tag or none: its digest is the source’s.',
    {
      next: ['check-name'],
    },
  )
}

/** What is asked for: the digest where one is named, else the tag, else `latest`. */
export function askedFor({ tag, digest }: Pick<Reference, 'tag' | 'digest'>): string {
  return digest ?? tag ?? 'latest'
}

/** parseReference adds `latest` where nothing is said. */
function isWritten(text: string, tag: string): boolean {
  const [beforeDigest = ''] = text.trim().split('@')
  return beforeDigest.endsWith(`:${tag}`)
}
