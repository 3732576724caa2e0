import { z } from 'zod'
import { failureError } from './local-failure.ts'

const nameComponent = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*'
const repositoryPattern = new RegExp(`^${nameComponent}(?:/${nameComponent})*$`)
const tagPattern = /^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/
const digestPattern = /^(?:sha256:[a-f0-9]{64}|sha512:[a-f0-9]{128})$/
const hostPattern =
  /^(?:\[[0-9a-fA-F:.]+\]|[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*)(?::[0-9]{1,5})?$/

/** A repository name as distribution-spec v1.1 has it; 255 characters is where most servers stop. */
export const repositorySchema = z.string().max(255).regex(repositoryPattern)
export const tagSchema = z.string().regex(tagPattern)
export const digestSchema = z.string().regex(digestPattern)
/** A tag or a digest: what may stand behind `/manifests/`. */
export const tagOrDigestSchema = z.union([tagSchema, digestSchema])

export interface Reference {
  /** `host` or `host:port`, as a registry is asked for it: `docker.io`, `10.0.0.7:5000`. */
  registry: string
  repository: string
  tag?: string
  digest?: string
}

/**
 * Parses an image or chart reference as docker and containerd do: no registry means `docker.io`, a single
 * name there means `library/…`, nothing behind it means `:latest`; `oci://` in front is allowed.
 * Throws a FailureError of kind `reference-invalid` that says which part is wrong.
 */
export function parseReference(text: string): Reference {
  const given = text.trim().replace(/^oci:\/\//, '')
  if (given === '') throw invalid(text, 'it is empty')
  const [beforeDigest, digest, ...surplus] = given.split('@')
  if (surplus.length > 0) throw invalid(text, 'it has more than one @')
  if (digest !== undefined && !digestPattern.test(digest)) {
    throw invalid(text, `"${digest}" is no digest: sha256: and 64 hexadecimal digits are expected`)
  }
  const { path, tag } = splitTag(beforeDigest ?? '')
  if (tag !== undefined && !tagPattern.test(tag)) {
    throw invalid(text, `"${tag}" is no tag: letters, digits, "_", "." and "-", at most 128`)
  }
  const { registry, repository } = splitRegistry(path)
  if (!hostPattern.test(registry)) throw invalid(text, `"${registry}" is no host name`)
  if (!repositoryPattern.test(repository)) {
    throw invalid(
      text,
      `"${repository}" is no repository name: lower-case letters, digits, ".", "_", "-" and "/"`,
    )
  }
  return {
    registry,
    repository,
    ...(tag !== undefined ? { tag } : digest === undefined ? { tag: 'latest' } : {}),
    ...(digest !== undefined ? { digest } : {}),
  }
}

/** The reference in the one spelling we show: registry/repository[:tag][@digest]. */
export function printReference(reference: Reference): string {
  const tag = reference.tag === undefined ? '' : `:${reference.tag}`
  const digest = reference.digest === undefined ? '' : `@${reference.digest}`
  return `${reference.registry}/${reference.repository}${tag}${digest}`
}

/** `host[:port]` of a registry's address, the way references name it. */
export function registryHost(url: string): string {
  return new URL(url).host
}

function splitTag(text: string): { path: string; tag?: string } {
  const colon = text.lastIndexOf(':')
  // a colon before the last slash belongs to a port
  if (colon === -1 || colon < text.lastIndexOf('/')) return { path: text }
  return { path: text.slice(0, colon), tag: text.slice(colon + 1) }
}

function splitRegistry(path: string): { registry: string; repository: string } {
  const slash = path.indexOf('/')
  const first = slash === -1 ? '' : path.slice(0, slash)
  const isHost = first.includes('.') || first.includes(':') || first === 'localhost'
  if (isHost) return { registry: first, repository: path.slice(slash + 1) }
  return { registry: 'docker.io', repository: slash === -1 ? `library/${path}` : path }
}

function invalid(text: string, why: string) {
  return failureError('reference-invalid', 'input', `"${text.slice(0, 200)}" is no reference: ${why}.`, {
    next: ['check-name'],
  })
}
