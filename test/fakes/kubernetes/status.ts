/** An answer of the API server that is no object. */
export interface Status {
  kind: 'Status'
  apiVersion: 'v1'
  metadata: Record<string, never>
  status: 'Failure'
  message: string
  reason: string
  details?: Record<string, string>
  code: number
}

/** Who asks for what, in the words of RBAC. */
export interface Attributes {
  user: string
  verb: 'get' | 'list' | 'watch'
  /** `pods`, `nodes`, `pods/proxy`, `nodes/proxy`. */
  resource: string
  namespace?: string
  name?: string
}

export function status(code: number, reason: string, message: string, details?: Status['details']): Status {
  const more = details === undefined ? {} : { details }
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, ...more, code }
}

/** apimachinery, api/errors, NewForbidden, with the message of the RBAC authorizer. */
export function forbidden({ user, verb, resource, namespace, name }: Attributes): Status {
  const [kind = ''] = resource.split('/')
  const what = name === undefined ? kind : `${kind} "${name}"`
  const where = namespace === undefined ? 'at the cluster scope' : `in the namespace "${namespace}"`
  const message = `${what} is forbidden: User "${user}" cannot ${verb} resource "${resource}" in API group "" ${where}`
  return status(403, 'Forbidden', message, { ...(name === undefined ? {} : { name }), kind })
}

export const unauthorized = status(401, 'Unauthorized', 'Unauthorized')

export function notFound(kind: string, name: string): Status {
  return status(404, 'NotFound', `${kind} "${name}" not found`, { name, kind })
}

/** util/proxy/transport.go: the API server did not get through. */
export function notReached(why: string): Status {
  return status(503, 'ServiceUnavailable', `error trying to reach service: ${why}`)
}

/** The version is older than what etcd or the watch cache keeps. */
export function expired(version: number, oldest: number): Status {
  return status(410, 'Expired', `too old resource version: ${version} (${oldest})`)
}

export const continueExpired = status(
  410,
  'Expired',
  'The provided continue parameter is too old to display a consistent list result. You can start a new list without ' +
    'the continue parameter, or use the continue token in this response to retrieve the remainder of the results.',
)
