/*
 * The one thing shared code takes from its surroundings: the WHATWG URL, which Node and browsers both have.
 * Declared here, and only as far as it is used, so that neither Node's nor the DOM's types are let in.
 */
declare class URL {
  constructor(url: string, base?: string | URL)
  readonly host: string
  readonly hostname: string
  readonly port: string
  protocol: string
  username: string
  password: string
  pathname: string
  search: string
  hash: string
  readonly origin: string
  readonly searchParams: URLSearchParams
  toString(): string
}
declare interface URLSearchParams {
  get(name: string): string | null
  set(name: string, value: string): void
  keys(): IterableIterator<string>
}
