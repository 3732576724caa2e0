import { readFileSync } from 'node:fs'

function pem(name: string): string {
  return readFileSync(new URL(`../fixtures/tls/${name}.pem`, import.meta.url), 'utf8')
}
const intermediate = pem('intermediate')

/** The authority at the end of the chains below; the system does not know it. */
export const root = pem('root')

/** What a server of 127.0.0.1, localhost and registry.test may show; made by `test/fixtures/tls/make.sh`. */
export const chains = {
  good: shown('server'),
  withoutIntermediate: { cert: pem('server'), key: pem('server.key') },
  expired: shown('expired'),
  future: shown('future'),
  elsewhere: shown('elsewhere'),
  weak: shown('weak'),
}
/** A client certificate of the same authority, and its key. */
export const client = { certificate: pem('client'), key: pem('client.key') }

function shown(name: string) {
  return { cert: pem(name) + intermediate, key: pem(`${name}.key`) }
}
