/** A line of the repository tree: a folder of names, a repository, or both at once (`base` beside `base/go`). */
export interface TreeRow {
  path: string
  /** The part of the path that this row adds. */
  name: string
  /** 0 at the root. */
  depth: number
  isRepository: boolean
  /** Absent where there is nothing below. */
  expanded?: boolean
}

interface Node {
  path: string
  name: string
  isRepository: boolean
  children: Map<string, Node>
}

/** The visible lines of a tree that groups repositories by their path, names in order, closed folders closed. */
export function treeRows(repositories: readonly string[], closed: ReadonlySet<string>): TreeRow[] {
  const root: Node = { path: '', name: '', isRepository: false, children: new Map() }
  for (const repository of repositories) {
    let node = root
    for (const name of repository.split('/')) {
      let child = node.children.get(name)
      if (child === undefined) {
        const path = node.path === '' ? name : `${node.path}/${name}`
        child = { path, name, isRepository: false, children: new Map() }
        node.children.set(name, child)
      }
      node = child
    }
    node.isRepository = true
  }
  const rows: TreeRow[] = []
  const visit = (node: Node, depth: number): void => {
    for (const child of [...node.children.values()].sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const { path, name, isRepository } = child
      const folder = child.children.size > 0
      const expanded = folder && !closed.has(path)
      rows.push({ path, name, depth, isRepository, ...(folder ? { expanded } : {}) })
      if (expanded) visit(child, depth + 1)
    }
  }
  visit(root, 0)
  return rows
}
