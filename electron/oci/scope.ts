/** The actions a scope names for each resource, resources in their order: `repository:a/b` → pull, push. */
function actionsOf(scope: string): Map<string, Set<string>> {
  const actions = new Map<string, Set<string>>()
  for (const one of scope.split(' ').filter((text) => text !== '')) {
    // a resource name may hold a colon (a port), so actions are cut from the right
    const colon = one.lastIndexOf(':')
    const resource = one.slice(0, colon)
    const set = actions.get(resource) ?? new Set<string>()
    for (const action of one.slice(colon + 1).split(',')) if (action !== '') set.add(action)
    actions.set(resource, set)
  }
  return actions
}

function scopeOf(actions: Iterable<[string, Set<string>]>): string {
  return [...actions].map(([resource, set]) => `${resource}:${[...set].sort().join(',')}`).join(' ')
}

/**
 * One scope per resource with its actions merged and sorted (notes 5.1): some token services read only the first
 * scope, others refuse two for one repository. The first resource named stays the first.
 */
export function mergeScopes(...lists: Array<string | undefined>): string {
  return scopeOf(actionsOf(lists.filter((list) => list !== undefined).join(' ')))
}

/** The same scope in one spelling only, to compare by. */
export function sortScopes(scope: string | undefined): string {
  return scopeOf([...actionsOf(scope ?? '')].sort(([one], [other]) => (one < other ? -1 : 1)))
}

/** The repository a request is about: the first its scope names. */
export function repositoryOf(scope: string | undefined): string | undefined {
  const [resource] = actionsOf(scope ?? '').keys()
  return resource?.startsWith('repository:') === true ? resource.slice('repository:'.length) : undefined
}

/** What kind of thing a scope is about: `repository`, `registry`, or empty where there is none. */
export function kindOf(scope: string | undefined): string {
  return scope?.split(':', 1)[0]?.trim() ?? ''
}

/** Whether `granted` lacks anything of what was `asked`; `*` grants every action. */
export function lacks(granted: string, asked: string): boolean {
  const given = actionsOf(granted)
  return [...actionsOf(asked)].some(([resource, wanted]) => {
    const allowed = given.get(resource)
    if (allowed?.has('*') === true) return false
    return [...wanted].some((action) => allowed?.has(action) !== true)
  })
}
