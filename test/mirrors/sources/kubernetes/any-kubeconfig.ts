import fc from 'fast-check'

const entry = (key: string) => (name: string, value: Record<string, unknown>) => ({ name, [key]: value })
/** Entries of a kubeconfig. */
export const cluster = entry('cluster')
export const user = entry('user')
export const context = entry('context')

const name = fc.constantFrom('a', 'b', 'c')
/** Kubeconfigs with a few names, so that several have some in common. */
export const anyKubeconfig = fc
  .record({
    current: fc.option(name, { nil: undefined }),
    clusters: fc.uniqueArray(name),
    users: fc.uniqueArray(name),
    contexts: fc.uniqueArray(
      fc.record({ name, cluster: name, user: name, namespace: fc.option(name, { nil: undefined }) }),
      { selector: (each) => each.name },
    ),
    mark: fc.nat(1000),
  })
  .map(({ current, clusters, users, contexts, mark }) => ({
    apiVersion: 'v1',
    kind: 'Config',
    ...(current === undefined ? {} : { 'current-context': current }),
    clusters: clusters.map((each) => cluster(each, { server: `https://${each}-${mark}.invalid` })),
    users: users.map((each) => user(each, { token: `${each}-${mark}` })),
    contexts: contexts.map(({ name: own, ...rest }) => context(own, rest)),
  }))
