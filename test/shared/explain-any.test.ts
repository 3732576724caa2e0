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
const body = fc.oneof(
  fc.string({ maxLength: 3000 }),
  fc.json(),
  fc
    .record({
      errors: fc.array(fc.record({ code: fc.anything(), message: fc.anything(), detail: fc.anything() })),
    })
    .map((value) =>
      JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? String(part) : part)),
    ),
  fc.string().map((text) => `<html><title>${text}`),
)

test('any answer is explained by a Failure that may cross the wire', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...phaseSchema.options),
      fc.constantFrom(
        'registry' as const,
        'mirror' as const,
        'agent' as const,
        'token-service' as const,
        'storage' as const,
      ),
      fc.constantFrom('GET', 'HEAD', 'PUT', 'PATCH', 'POST'),
      fc.integer({ min: 100, max: 999 }),
      headers,
      body,
      (phase, role, method, status, headers, body) => {
        const failure = explainAnswer({
          phase,
          role,
          host: 'registry.invalid',
          method,
          status,
          headers,
          body,
        })
        expect(failureSchema.parse(failure)).toEqual(failure)
        expect(failure.answeredBy).not.toBe('nobody')
      },
    ),
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
