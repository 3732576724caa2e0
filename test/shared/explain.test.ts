import { describe, expect, test } from 'vitest'
import { explainAnswer, table, whoAnswered } from '../../shared/model/explain.ts'
import { type AnswerFacts, factsOf } from '../../shared/model/explain-facts.ts'
import { type Case, distribution, distributionBare, oci, put, seen } from './explain/case.ts'
import { clusterAnswers } from './explain/cluster-answers.ts'
import { besideAnswers, mirrorAnswers } from './explain/mirror-answers.ts'
import { prometheusAnswers } from './explain/prometheus-answers.ts'
import { wayAnswers } from './explain/proxy-answers.ts'
import { quirks } from './explain/quirk-answers.ts'
import { distributionHandlers, errorCodes } from './explain/registry-answers.ts'
import { badRequests } from './explain/upload-answers.ts'

const sections: Array<[string, Case[]]> = [
  ['Registries 1.3 and 1.5: proxies, firewalls, load balancers', wayAnswers],
  ['Registries 2.1: error codes', errorCodes],
  ['Registries 2.2: what distribution answers', distributionHandlers],
  ['Registries 2.3: 400 on PATCH, and 416', badRequests],
  ['Registries 2.4: quirks of single registries', quirks],
  ['Spegel 2.2: mirrors and their agents', mirrorAnswers],
  ['Token services and storage', besideAnswers],
  ['Kubernetes: API servers, and agents and mirrors behind them', clusterAnswers],
  ["Prometheus' HTTP API, whoever speaks it", prometheusAnswers],
]

describe.each(sections)('%s', (_section, cases) => {
  test.each(cases.map((each) => [each.what, each.verdict, each] as const))(
    '%s → %s',
    (_what, _verdict, each) => {
      const failure = explainAnswer(each.input)
      expect(`${failure.kind} by ${failure.answeredBy}`).toBe(each.verdict)
      expect(failure.next).toEqual(each.next)
      expect(failure.message).toMatch(/^registry\.invalid [a-z].+: HTTP \d{3}( \(.*\))?\.$/s)
      expect(failure.evidence[0]).toEqual({ fact: 'status', value: String(each.input.status) })
    },
  )
})

test('every row of the table decides one of these cases', () => {
  const decided = new Set(sections.flatMap(([, cases]) => cases).map(({ input }) => rowOf(factsOf(input))))
  expect(table.filter((row) => !decided.has(row)).map(({ name }) => name)).toEqual([])
})

function rowOf(facts: AnswerFacts) {
  const by = whoAnswered(facts)
  return table.find(({ when }) => when({ ...facts, by }))
}

test('a status alone never says who answered', () => {
  for (let status = 400; status < 600; status += 1) {
    expect(whoAnswered(seen('', { status }, 'internal by unknown', []).input)).toBe('unknown')
  }
})

test('VictoriaMetrics repeats a query, and its reason is what is said', () => {
  const query = `{__name__=~\\"${'long|'.repeat(200)}\\"}`
  const message = `error when executing query="${query}" for (time=1795345714458, step=300000): it is too long`
  const body = JSON.stringify({ status: 'error', errorType: '422', error: message })
  const answer = { status: 422, body, role: 'prometheus' } as const
  const failure = explainAnswer(seen('', answer, 'internal by unknown', []).input)
  expect(failure.message).toBe('registry.invalid refused the query: it is too long: HTTP 422.')
  expect(failure.evidence).toContainEqual({ fact: 'message', value: '422: it is too long' })
})

describe('evidence', () => {
  const evidenceOf = (answer: Parameters<typeof seen>[1]) =>
    explainAnswer(seen('', answer, 'internal by unknown', []).input).evidence

  test('a token that allows less than was asked is told apart from a wrong password', () => {
    const grant = { asked: 'repository:a/b:pull,push', granted: 'repository:a/b:pull' }
    const { input } = seen('', { ...distribution(401, 'UNAUTHORIZED'), grant }, 'internal by unknown', [])
    const failure = explainAnswer(input)
    expect(failure.message).toContain(
      'of "repository:a/b:pull,push" the token allows only "repository:a/b:pull"',
    )
    expect(failure.evidence).toContainEqual({ fact: 'asked-scope', value: grant.asked })
    expect(failure.evidence).toContainEqual({ fact: 'granted-scope', value: grant.granted })
    const none = explainAnswer({ ...input, grant: { ...grant, granted: '' } })
    expect(none.message).toContain('the token allows nothing')
    expect(none.evidence).toContainEqual({ fact: 'granted-scope', value: 'none' })
  })

  test('a redirect and a challenge name their hosts and nothing else of their addresses', () => {
    const evidence = evidenceOf({
      status: 301,
      headers: {
        location: 'https://registry.invalid/v2/?secret=1',
        'www-authenticate': 'Bearer realm="https://tokens.invalid/t?x=1",service="x"',
      },
    })
    expect(evidence).toContainEqual({ fact: 'location', value: 'registry.invalid' })
    expect(evidence).toContainEqual({ fact: 'challenge', value: 'Bearer tokens.invalid' })
  })

  test('what the other side said is shown with its cause, capped', () => {
    const failure = explainAnswer(
      seen('', oci(403, 'DENIED', 'x'.repeat(5000)), 'internal by unknown', []).input,
    )
    expect(failure.ociErrors[0]?.message).toHaveLength(1000)
    expect(failure.evidence.find(({ fact }) => fact === 'message')?.value).toHaveLength(500)
    expect(evidenceOf(distribution(500, 'UNKNOWN', 'unknown error', 'unexpected EOF'))).toContainEqual({
      fact: 'message',
      value: 'UNKNOWN: unknown error: unexpected EOF',
    })
  })

  test.each([
    ['a number of seconds', { 'retry-after': '30' }, '30'],
    [
      'a date, counted from the answer’s own',
      { 'retry-after': 'Sun, 22 Nov 2026 08:01:30 GMT', date: 'Sun, 22 Nov 2026 08:00:00 GMT' },
      '90',
    ],
    [
      'a date that has passed',
      { 'retry-after': 'Sun, 22 Nov 2026 07:00:00 GMT', date: 'Sun, 22 Nov 2026 08:00:00 GMT' },
      '0',
    ],
    ['what cannot be read, as it is', { 'retry-after': 'soon' }, 'soon'],
  ])('Retry-After is told: %s', (_what, headers, value) => {
    expect(evidenceOf({ status: 429, headers })).toContainEqual({ fact: 'retry-after', value })
  })

  test('a rate limit is told', () => {
    const headers = { 'ratelimit-limit': '100;w=21600' }
    expect(evidenceOf({ status: 429, headers })).toContainEqual({ fact: 'limit', value: '100;w=21600' })
  })

  test('where an upload stands is told', () => {
    const answer = { ...distributionBare(416), headers: { range: '0-1023' }, ...put }
    expect(evidenceOf(answer)).toContainEqual({ fact: 'range', value: '0-1023' })
  })

  test('how many peers a mirror asked is told', () => {
    const answer = { ...oci(404, 'BLOB_UNKNOWN', '', { attempts: 3 }), role: 'mirror' as const }
    expect(evidenceOf(answer)).toContainEqual({ fact: 'attempts', value: '3' })
  })
})
