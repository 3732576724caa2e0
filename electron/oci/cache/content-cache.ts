/** Content by digest that need not be asked for twice. It never fails: what cannot be kept is fetched anew. */
export interface ContentCache {
  /** The bytes of this digest, checked against it; undefined where they are not kept. */
  get(digest: string): Promise<Uint8Array | undefined>
  /** Keeps bytes that have this digest. */
  put(digest: string, bytes: Uint8Array): Promise<void>
}
