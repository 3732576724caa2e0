import { createSecureContext, getCACertificates, rootCertificates, type SecureContext } from 'node:tls'
import type { Connection } from '../connection.ts'

/**
 * PEM of what Node trusts (its own list and NODE_EXTRA_CA_CERTS) and of the system's store; on Linux that is where
 * OpenSSL looks, SSL_CERT_FILE and SSL_CERT_DIR before anything else.
 */
export function systemAuthorities(): readonly string[] {
  return [...new Set([...authorities('default'), ...authorities('system')])]
}

/** A store the system does not let us read is no reason to trust nothing. */
function authorities(kind: 'default' | 'system'): readonly string[] {
  try {
    return getCACertificates(kind)
  } catch {
    return rootCertificates
  }
}

/**
 * What TLS is spoken with: the system's authorities beside those of `tls`, and its client certificate. Authorities
 * given to Node replace its own, so that all are named. Reading them takes tens of milliseconds: keep the result.
 */
export function secureContextOf(tls: Connection['tls']): SecureContext {
  return createSecureContext({
    ca: [...systemAuthorities(), ...(tls?.ca ?? [])],
    ...(tls?.client !== undefined ? { cert: tls.client.certificate, key: tls.client.key } : {}),
  })
}
