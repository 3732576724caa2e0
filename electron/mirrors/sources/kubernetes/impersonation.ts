import { failureError } from '../../../../shared/model/local-failure.ts'
import type { KubeUser } from './kubeconfig.ts'

/**
 * The headers by which the user of a kubeconfig acts as another (Kubernetes' documentation, "User impersonation").
 * Throws a FailureError `input-invalid` for more than one group or one value of an extra: these would need a header
 * twice, which no request of this app has, and to ask with fewer would be to ask as somebody else.
 */
export function impersonationOf(user: KubeUser): Record<string, string> {
  const wanted: Array<[string, readonly string[]]> = [
    ['impersonate-user', user.as ? [user.as] : []],
    ['impersonate-uid', user['as-uid'] ? [user['as-uid']] : []],
    ['impersonate-group', user['as-groups'] ?? []],
    ...Object.entries(user['as-user-extra'] ?? {}).map(([key, values]): [string, readonly string[]] => [
      `impersonate-extra-${encodeURIComponent(key.toLowerCase())}`,
      values,
    ]),
  ]
  const headers: Record<string, string> = {}
  for (const [name, values] of wanted) {
    if (values.length > 1) throw unsupported(name)
    if (values[0] !== undefined) headers[name] = values[0]
  }
  return headers
}

function unsupported(name: string) {
  return failureError('input-invalid', 'input', `The kubeconfig gives ${name} more than one value.`, {
    next: ['check-kubeconfig'],
  })
}
