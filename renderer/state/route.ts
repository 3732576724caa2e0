import { useSyncExternalStore } from 'react'

export const screens = ['registries', 'publish', 'mirrors', 'pulls', 'activity', 'settings'] as const
export type ScreenName = (typeof screens)[number]

/** Where the window is: the screen and what is open on it, for registries `[id, repository, tag or digest]`. */
export interface Route {
  screen: ScreenName
  parts: readonly string[]
}

/** The hash of a place: `#/registries/ID/charts%2Fcart/1.2.3`. Each part is encoded, so a slash in it is safe. */
export function hrefOf(screen: ScreenName, ...parts: readonly string[]): string {
  return `#/${[screen, ...parts.map(encodeURIComponent)].join('/')}`
}

/** Goes there and leaves an entry for "back". */
export function goTo(screen: ScreenName, ...parts: readonly string[]): void {
  window.location.hash = hrefOf(screen, ...parts)
}

/** The place a hash names; one that names none is the registries. */
export function parseRoute(hash: string): Route {
  const [first, ...rest] = hash.replace(/^#\/?/, '').split('/')
  const screen = screens.find((name) => name === first)
  if (screen === undefined) return { screen: 'registries', parts: [] }
  return { screen, parts: rest.filter((part) => part !== '').map(decoded) }
}

export function useRoute(): Route {
  const hash = useSyncExternalStore(subscribe, () => window.location.hash)
  return parseRoute(hash)
}

function subscribe(onChange: () => void): () => void {
  window.addEventListener('hashchange', onChange)
  return () => window.removeEventListener('hashchange', onChange)
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
