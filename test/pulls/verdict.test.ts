import { describe, expect, it } from 'vitest'
import { judge, type Walked } from '../../electron/pulls/verdict.ts'
import { explainAnswer } from '../../shared/model/explain.ts'
import type { Failure } from '../../shared/model/failure.ts'
import { localFailure } from '../../shared/model/local-failure.ts'
import { type PullAttempt, type PullStep, pullVerdictSchema } from '../../shared/model/pull.ts'

const reference = 'harbor.corp/shop/cart:2.14.1'
const digest = `sha256:${'9f2c'.repeat(16)}`
const configType = 'application/vnd.oci.image.config.v1+json'
const upstream = 'harbor.corp'
const node = 'fra-b-04:30020'
const other = '10.20.0.9:30021'

type Said = number | 'refused' | 'dns' | 'timeout' | { status: number; challenge: string } | Failure

const paths: Record<PullStep, string> = {
  resolve: 'manifests/2.14.1',
  manifest: `manifests/${digest}`,
  'platform-manifest': `manifests/${digest}`,
  blob: `blobs/${digest}`,
}

/** One attempt as the walk makes it. */
function attempt(step: PullStep, host: string, said: Said): PullAttempt {
  const role = host === upstream ? 'upstream' : 'mirror'
  const method = step === 'resolve' ? 'HEAD' : 'GET'
  const query = role === 'mirror' ? '?ns=harbor.corp' : ''
  const url = `${role === 'mirror' ? 'http' : 'https'}://${host}/v2/shop/cart/${paths[step]}${query}`
  const base = { host, role, step, method, url, start: 0, duration: 1 } as const
  if (typeof said === 'string') {
    const failure = {
      ...localFailure(said, 'pull', `${host} ${said}.`, { host, next: ['check-network'] }),
      answeredBy: 'nobody' as const,
    }
    return { ...base, answeredBy: 'nobody', outcome: 'fault', failure }
  }
  if (typeof said === 'object' && 'kind' in said) {
    return { ...base, status: 200, answeredBy: 'registry', outcome: 'fault', failure: said }
  }
  const status = typeof said === 'number' ? said : said.status
  if (status < 300)
    return { ...base, status, answeredBy: role === 'mirror' ? 'mirror' : 'registry', outcome: 'served' }
  const code =
    { 401: 'UNAUTHORIZED', 403: 'DENIED', 404: 'MANIFEST_UNKNOWN', 429: 'TOOMANYREQUESTS' }[status] ??
    'UNKNOWN'
  const failure = explainAnswer({
    phase: 'pull',
    role: role === 'mirror' ? 'mirror' : 'registry',
    host,
    method,
    status,
    headers: {
      'docker-distribution-api-version': 'registry/2.0',
      ...(typeof said === 'number' ? {} : { 'www-authenticate': said.challenge }),
    },
    body: method === 'HEAD' ? '' : JSON.stringify({ errors: [{ code, message: 'no' }] }),
  })
  const outcome = role === 'mirror' && status === 404 ? 'not-here' : 'fault'
  return { ...base, status, answeredBy: failure.answeredBy, outcome, failure }
}

function judged(attempts: PullAttempt[], more: Partial<Walked> = {}) {
  const verdict = judge({
    reference,
    containerd: '2.1',
    authenticated: false,
    attempts,
    blob: { digest, mediaType: configType },
    ...more,
  })
  return pullVerdictSchema.parse(verdict)
}

const resolve = (...said: [string, Said][]) => said.map(([host, what]) => attempt('resolve', host, what))
const manifest = (...said: [string, Said][]) => said.map(([host, what]) => attempt('manifest', host, what))
const blob = (...said: [string, Said][]) => said.map(([host, what]) => attempt('blob', host, what))
const found = [...resolve([upstream, 200]), ...manifest([upstream, 200])]

describe('the kind of a verdict', () => {
  it.each<[string, PullAttempt[], string, string, PullStep | undefined]>([
    [
      'everything served by the upstream',
      [...found, ...blob([upstream, 206])],
      'pull-works',
      upstream,
      undefined,
    ],
    [
      'mirrors without it, upstream with it',
      [
        ...resolve([node, 404], [other, 404], [upstream, 200]),
        ...manifest([upstream, 200]),
        ...blob([node, 404], [upstream, 206]),
      ],
      'pull-works',
      upstream,
      undefined,
    ],
    [
      'a broken mirror, upstream with it',
      [...resolve([node, 500], [upstream, 200]), ...manifest([upstream, 200]), ...blob([upstream, 206])],
      'pull-works-with-faults',
      node,
      'resolve',
    ],
    [
      'a dead mirror, another mirror with it',
      [...resolve([node, 'refused'], [other, 200]), ...manifest([other, 200]), ...blob([other, 206])],
      'pull-works-with-faults',
      node,
      'resolve',
    ],
    ['nobody with it', resolve([node, 404], [upstream, 404]), 'not-found-anywhere', upstream, 'resolve'],
    [
      'a broken mirror, upstream without it',
      resolve([node, 500], [upstream, 404]),
      'not-found-anywhere',
      upstream,
      'resolve',
    ],
    [
      'upstream refusing the tag',
      resolve([node, 404], [upstream, 403]),
      'upstream-refuses',
      upstream,
      'resolve',
    ],
    ['upstream asking who it is', resolve([upstream, 401]), 'upstream-refuses', upstream, 'resolve'],
    [
      'upstream refusing the config',
      [...found, ...blob([node, 404], [upstream, 403])],
      'upstream-refuses',
      upstream,
      'blob',
    ],
    ['upstream limiting', resolve([node, 404], [upstream, 429]), 'upstream-limits', upstream, 'resolve'],
    [
      'upstream broken',
      [...resolve([upstream, 200]), ...manifest([node, 404], [upstream, 503])],
      'upstream-faults',
      upstream,
      'manifest',
    ],
    [
      'upstream that refuses the connection',
      resolve([node, 404], [upstream, 'refused']),
      'upstream-unreachable',
      upstream,
      'resolve',
    ],
    ['upstream without a name', resolve([upstream, 'dns']), 'upstream-unreachable', upstream, 'resolve'],
    [
      'content with another digest',
      [
        ...resolve([upstream, 200]),
        ...manifest([upstream, localFailure('digest-mismatch', 'pull', 'Other content.')]),
      ],
      'content-invalid',
      upstream,
      'manifest',
    ],
    ['a mirror with the last word', resolve([node, 404]), 'not-found-anywhere', node, 'resolve'],
  ])('of %s', (_, attempts, kind, host, step) => {
    const verdict = judged(attempts)
    expect(verdict).toMatchObject({ kind, host })
    expect(verdict.step).toBe(step)
    expect(verdict.message).toContain(host)
    expect(verdict.next.length).toBeGreaterThan(0)
  })

  it('names the platforms there are where the wanted one is missing', () => {
    const verdict = judged(found, {
      platform: { wanted: 'linux/s390x', offered: ['linux/amd64', 'linux/arm64'] },
    })
    expect(verdict).toMatchObject({ kind: 'platform-missing', step: 'platform-manifest' })
    expect(verdict.message).toContain('linux/s390x. It offers: linux/amd64, linux/arm64.')
  })

  it('says so where hosts.toml lets nobody resolve', () => {
    const verdict = judged([])
    expect(verdict).toMatchObject({ kind: 'not-found-anywhere', next: ['fix-line'] })
    expect(verdict.containerd?.message).toContain('no resolve hosts: not found')
  })

  it('sends to the proxy where a proxy answered', () => {
    const refused = attempt('resolve', upstream, 403)
    const failure = explainAnswer({
      phase: 'pull',
      role: 'registry',
      host: upstream,
      method: 'HEAD',
      status: 403,
      headers: { 'content-type': 'text/html', server: 'nginx' },
      body: '',
    })
    const verdict = judged([{ ...refused, answeredBy: failure.answeredBy, failure }])
    expect(verdict).toMatchObject({ kind: 'upstream-refuses', next: failure.next })
    expect(verdict.message).toContain('something in front of harbor.corp')
  })
})

describe('what containerd would print', () => {
  const head = (host: string) => attempt('resolve', host, 500).url
  const none = `failed to resolve reference "${reference}": `
  const mirrorTag = `http://${node}/v2/shop/cart/manifests/2.14.1?ns=harbor.corp`

  it.each<[string, '1.7' | '2.1', [string, Said][], string, string]>([
    [
      '404, 404',
      '1.7',
      [
        [node, 404],
        [upstream, 404],
      ],
      node,
      `${reference}: not found`,
    ],
    [
      '404, 404',
      '2.1',
      [
        [node, 404],
        [upstream, 404],
      ],
      node,
      `${reference}: not found`,
    ],
    [
      '404, 403',
      '1.7',
      [
        [node, 404],
        [upstream, 403],
      ],
      upstream,
      `unexpected status from HEAD request to ${head(upstream)}: 403 Forbidden`,
    ],
    [
      '404, 403',
      '2.1',
      [
        [node, 404],
        [upstream, 403],
      ],
      upstream,
      `unexpected status from HEAD request to ${head(upstream)}: 403 Forbidden`,
    ],
    [
      '404, 429',
      '2.1',
      [
        [node, 404],
        [upstream, 429],
      ],
      upstream,
      `unexpected status from HEAD request to ${head(upstream)}: 429 Too Many Requests`,
    ],
    [
      '404, 401 without a challenge',
      '2.1',
      [
        [node, 404],
        [upstream, 401],
      ],
      upstream,
      `unexpected status from HEAD request to ${head(upstream)}: 401 Unauthorized`,
    ],
    [
      '500, 403',
      '1.7',
      [
        [node, 500],
        [upstream, 403],
      ],
      node,
      `unexpected status from HEAD request to ${mirrorTag}: 500 Internal Server Error`,
    ],
    [
      '500, 403',
      '2.1',
      [
        [node, 500],
        [upstream, 403],
      ],
      node,
      `unexpected status from HEAD request to ${mirrorTag}: 500 Internal Server Error`,
    ],
    [
      '500, 404',
      '2.1',
      [
        [node, 500],
        [upstream, 404],
      ],
      node,
      `unexpected status from HEAD request to ${mirrorTag}: 500 Internal Server Error`,
    ],
    [
      'refused, 404',
      '1.7',
      [
        [node, 'refused'],
        [upstream, 404],
      ],
      node,
      `failed to do request: Head "${mirrorTag}": dial tcp ${node}: connect: connection refused`,
    ],
    [
      'refused, 404',
      '2.1',
      [
        [node, 'refused'],
        [upstream, 404],
      ],
      upstream,
      `${reference}: not found`,
    ],
    [
      'refused, 403',
      '1.7',
      [
        [node, 'refused'],
        [upstream, 403],
      ],
      node,
      `failed to do request: Head "${mirrorTag}": dial tcp ${node}: connect: connection refused`,
    ],
    [
      'refused, 403',
      '2.1',
      [
        [node, 'refused'],
        [upstream, 403],
      ],
      upstream,
      `unexpected status from HEAD request to ${head(upstream)}: 403 Forbidden`,
    ],
    [
      '404, no name',
      '1.7',
      [
        [node, 404],
        [upstream, 'dns'],
      ],
      upstream,
      `failed to do request: Head "${head(upstream)}": dial tcp: lookup harbor.corp: no such host`,
    ],
    [
      '404, no name',
      '2.1',
      [
        [node, 404],
        [upstream, 'dns'],
      ],
      node,
      `${reference}: not found`,
    ],
    [
      '404, 401 Basic without a password',
      '1.7',
      [
        [node, 404],
        [upstream, { status: 401, challenge: 'Basic realm="x"' }],
      ],
      upstream,
      'pull access denied, repository does not exist or may require authorization: authorization failed: no basic auth credentials',
    ],
    [
      '404, 401 Basic without a password',
      '2.1',
      [
        [node, 404],
        [upstream, { status: 401, challenge: 'Basic realm="x"' }],
      ],
      node,
      `${reference}: not found`,
    ],
    [
      '401 of a refused token',
      '2.1',
      [[upstream, { status: 401, challenge: 'Bearer realm="https://t",error="insufficient_scope"' }]],
      upstream,
      'pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed',
    ],
  ])('on resolve for %s in %s', (_, containerd, said, host, message) => {
    expect(judged(resolve(...said), { containerd }).containerd).toEqual({
      version: containerd,
      rule: containerd === '1.7' ? 'resolve-first-non-404' : 'resolve-highest',
      host,
      message: `${none}${message}`,
    })
  })

  const mirrorBlob = `http://${node}/v2/shop/cart/blobs/${digest}?ns=harbor.corp`
  const missing = `could not fetch content descriptor ${digest} (${configType}) from remote: not found`

  it.each<[string, '1.7' | '2.1', PullStep, [string, Said][], string, string]>([
    [
      'a blob: 404, 403',
      '1.7',
      'blob',
      [
        [node, 404],
        [upstream, 403],
      ],
      node,
      missing,
    ],
    [
      'a blob: 404, 403',
      '2.1',
      'blob',
      [
        [node, 404],
        [upstream, 403],
      ],
      node,
      missing,
    ],
    [
      'a blob: 404, 404, 403',
      '2.1',
      'blob',
      [
        [node, 404],
        [other, 404],
        [upstream, 403],
      ],
      node,
      missing,
    ],
    [
      'a blob: 500, 403',
      '1.7',
      'blob',
      [
        [node, 500],
        [upstream, 403],
      ],
      node,
      `unexpected status code ${mirrorBlob}: 500 Internal Server Error - Server message: unknown: no`,
    ],
    [
      'a blob: 500, 403',
      '2.1',
      'blob',
      [
        [node, 500],
        [upstream, 403],
      ],
      node,
      `unexpected status from GET request to ${mirrorBlob}: 500 Internal Server Error\nunknown: no`,
    ],
    [
      'a blob: refused, 403',
      '2.1',
      'blob',
      [
        [node, 'refused'],
        [upstream, 403],
      ],
      node,
      `failed to do request: Get "${mirrorBlob}": dial tcp ${node}: connect: connection refused`,
    ],
    [
      'a blob: timeout, 403',
      '2.1',
      'blob',
      [
        [node, 'timeout'],
        [upstream, 403],
      ],
      node,
      `failed to do request: Get "${mirrorBlob}": dial tcp ${node}: i/o timeout`,
    ],
    [
      'a blob: 403 alone',
      '2.1',
      'blob',
      [[upstream, 403]],
      upstream,
      `unexpected status from GET request to https://harbor.corp/v2/shop/cart/blobs/${digest}: 403 Forbidden\ndenied: no`,
    ],
    [
      'a manifest: 404, 403',
      '2.1',
      'manifest',
      [
        [node, 404],
        [upstream, 403],
      ],
      node,
      `content at http://${node}/v2/shop/cart/manifests/${digest}?ns=harbor.corp not found: not found`,
    ],
  ])('on fetch of %s in %s', (_, containerd, step, said, host, message) => {
    const before = step === 'blob' ? found : resolve([upstream, 200])
    const attempts = [...before, ...said.map(([asked, what]) => attempt(step, asked, what))]
    expect(judged(attempts, { containerd }).containerd).toEqual({
      version: containerd,
      rule: 'fetch-first',
      host,
      message: `failed to copy: httpReadSeeker: failed open: ${message}`,
    })
  })

  it('is told where it hides the host that matters', () => {
    const verdict = judged([...found, ...blob([node, 404], [upstream, 403])])
    expect(verdict.message).toBe(
      `The upstream refuses the config blob: 403 from harbor.corp, DENIED: no. containerd 2.1 would report the answer of ${node} instead.`,
    )
  })

  it('is nothing where the pull works', () => {
    expect(judged([...found, ...blob([upstream, 206])])).not.toHaveProperty('containerd')
  })
})
