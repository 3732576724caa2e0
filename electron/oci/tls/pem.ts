import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import type { FailureError } from '../../../shared/model/failure.ts'
import { failureError } from '../../../shared/model/local-failure.ts'

/** Certificates in one text that are read at most; the largest bundles of a system have a few hundred. */
const maxCertificates = 1000

const privateKey = /-----BEGIN [A-Z ]*PRIVATE KEY-----/

/**
 * The certificates of a PEM text, in its order. Throws a FailureError `input-invalid` where there is none, where one
 * cannot be read, or where a private key lies beside them: certificates are kept in the open.
 */
export function certificatesIn(text: string): X509Certificate[] {
  if (privateKey.test(text)) {
    throw invalid('There is a private key among the certificates: it belongs into the field for the key.')
  }
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? []
  if (blocks.length === 0) throw invalid('There is no certificate in PEM form in this text.')
  if (blocks.length > maxCertificates) throw invalid(`There are more than ${maxCertificates} certificates.`)
  return blocks.map((block, at) => {
    try {
      return new X509Certificate(block)
    } catch {
      throw invalid(`Certificate ${at + 1} of ${blocks.length} cannot be read.`)
    }
  })
}

/** A PEM text without the private keys in it. */
export function withoutKeys(text: string): string {
  return text.replaceAll(/-----BEGIN ([A-Z ]*PRIVATE KEY)-----[^-]*-----END \1-----\r?\n?/g, '')
}

/**
 * Checks that `key` is the private key of the first certificate of `certificate`, both PEM. Throws a FailureError
 * `input-invalid` that says what is wrong and nothing of the key.
 */
export function checkClientPair(certificate: string, key: string): void {
  const [own] = certificatesIn(certificate)
  let parsed: KeyObject
  try {
    parsed = createPrivateKey(key)
  } catch {
    throw invalid(
      /ENCRYPTED/.test(key)
        ? 'The key is locked with a passphrase: give it without (openssl pkey -in key.pem -out open.pem).'
        : 'The key of the client certificate cannot be read as PEM.',
    )
  }
  if (own?.checkPrivateKey(parsed) !== true) {
    throw invalid('The key is not that of the client certificate.')
  }
}

function invalid(message: string): FailureError {
  return failureError('input-invalid', 'input', message)
}
