import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseChallenges } from '../../electron/oci/challenge.ts'
import { nextPage } from '../../electron/oci/link.ts'
import { explainAnswer } from '../../shared/model/explain.ts'
import { FailureError, failureSchema, phaseSchema } from '../../shared/model/failure.ts'

const headers = fc.dictionary(
  fc.constantFrom(
    'content-type',
    'server',
    'via',
    'location',
    'www-authenticate',
    'docker-distribution-api-version',
    'connection',
  ),
  fc.oneof(fc.string(), fc.constantFrom('text/html', 'application/json', 'Bearer realm="x"', 'nginx')),
)
const codes =
  'UNKNOWN UNSUPPORTED DENIED UNAUTHORIZED TOOMANYREQUESTS DIGEST_INVALID NAME_INVALID MANIFEST_UNKNOWN ' +
  'BLOB_UPLOAD_INVALID TAG_IMMUTABLE CONTENT_LENGTH_INVALID RANGE_INVALID SIZE_INVALID PROJECTPOLICYVIOLATION'
const code = fc.constantFrom(...codes.split(' '))
const body = fc.oneof(
  fc.string({ maxLength: 3000 }),
  fc.json(),
  fc
    .record({
      errors: fc.array(
        fc.record({ code: fc.oneof(code, fc.anything()), message: fc.anything(), detail: fc.anything() }),
      ),
    })
    .map((value) =>
      JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? String(part) : part)),
    ),
  fc.string().map((text) => `<html><title>${text}`),
  fc
    .record({ kind: fc.constant('Status'), apiVersion: fc.constant('v1'), message: fc.anything() })
    .map((value) =>
      JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? String(part) : part)),
    ),
)

const input = fc.record({
  phase: fc.constantFrom(...phaseSchema.options),
  role: fc.constantFrom(
    'registry' as const,
    'mirror' as const,
    'agent' as const,
    'api-server' as const,
    'prometheus' as const,
    'token-service' as const,
    'storage' as const,
  ),
  host: fc.constant('registry.invalid'),
  method: fc.constantFrom('GET', 'HEAD', 'PUT', 'PATCH', 'POST', 'DELETE'),
  headers,
  body,
  bytesSent: fc.integer({ min: 0 }),
})

test('any answer is explained by a Failure that may cross the wire', () => {
  fc.assert(
    fc.property(input, fc.integer({ min: 100, max: 999 }), (answer, status) => {
      const failure = explainAnswer({ ...answer, status })
      expect(failureSchema.parse(failure)).toEqual(failure)
      expect(failure.answeredBy).not.toBe('nobody')
      expect(failure.next.length).toBeGreaterThan(0)
    }),
  )
})

test('whatever stands around them, a 5xx is a fault and a 404 is none', () => {
  const faults = ['server-fault', 'gateway-fault']
  fc.assert(
    fc.property(input, fc.integer({ min: 500, max: 599 }), (answer, status) => {
      expect(faults).toContain(explainAnswer({ ...answer, status }).kind)
      expect(faults).not.toContain(explainAnswer({ ...answer, status: 404 }).kind)
    }),
  )
})

test('any header is read without a crash', () => {
  fc.assert(fc.property(fc.string(), (header) => Array.isArray(parseChallenges(header))))
  fc.assert(
    fc.property(fc.string(), fc.string(), (target, rest) => {
      try {
        const next = nextPage(`<${target}>; rel="next"${rest}`, 'https://registry.invalid/v2/x', 'tags')
        if (next !== undefined) expect(new URL(next).origin).toBe('https://registry.invalid')
      } catch (error) {
        expect(error).toBeInstanceOf(FailureError)
      }
    }),
  )
})
