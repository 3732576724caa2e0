import { describe, expect, test } from 'vitest'
import { printReport } from '../../../electron/oci/path-check/markdown.ts'
import { recommend } from '../../../electron/oci/path-check/recommend.ts'
import { verdictEnds } from '../../../electron/oci/path-check/verdict-ends.ts'
import type { Failure } from '../../../shared/model/failure.ts'
import { localFailure } from '../../../shared/model/local-failure.ts'
import { type PathCheckResult, pathCheckBytes, printBytes } from '../../../shared/model/path-check.ts'
import { type Route, type Strategy, strategySchema } from '../../../shared/model/upload.ts'

const KiB = 1024
const MiB = 1024 * KiB
const sizes = [...pathCheckBytes]

const by400: Partial<Failure> = { kind: 'body-refused', status: 400, answeredBy: 'proxy' }
const by413: Partial<Failure> = { kind: 'too-large', status: 413, answeredBy: 'proxy' }
const lost: Partial<Failure> = { kind: 'connection-lost', answeredBy: 'nobody' }

function failureOf(more: Partial<Failure>): Failure {
  return { ...localFailure('internal', 'upload-body', 'It did not pass.'), ...more }
}

/** The cells of one shape: all that passed, then the one that did not. */
function row(
  route: Route,
  strategy: Strategy,
  passed: number,
  failure: Partial<Failure> = by400,
): PathCheckResult[] {
  const more = { route, strategy, milliseconds: 1, leftBehind: false }
  const good = sizes.filter((bytes) => bytes <= passed).map((bytes) => ({ ...more, bytes, ok: true }))
  const bad = sizes.find((bytes) => bytes > passed)
  return bad === undefined ? good : [...good, { ...more, bytes: bad, ok: false, failure: failureOf(failure) }]
}

const all = (route: Route, passed: number, failure?: Partial<Failure>) =>
  strategySchema.options.flatMap((strategy) => row(route, strategy, passed, failure))

describe('what is recommended', () => {
  test.each<[string, PathCheckResult[], string, string]>([
    [
      'everything passes',
      [...all('direct', 64 * MiB), ...all('relay', 64 * MiB)],
      'direct buffered 64 MiB',
      'All shapes that were tried pass straight up to 64 MiB: auto may stay as it is.',
    ],
    [
      'streams are refused by somebody in front',
      [
        ...row('direct', 'buffered', 64 * MiB),
        ...row('direct', 'streamed-put', 0, lost),
        ...row('direct', 'streamed-patch', 0),
        ...row('direct', 'chunked', 0),
      ],
      'direct buffered 64 MiB',
      'buffered passes straight up to 64 MiB, while streamed-put got connection-lost at 1 KiB; streamed-patch and chunked got HTTP 400 (body-refused) from a proxy or firewall in front at 1 KiB.',
    ],
    [
      'only the relay carries all sizes',
      [...all('direct', 64 * KiB, lost), ...all('relay', 64 * MiB)],
      'relay buffered 64 MiB',
      'Only the relay helps: buffered passes through the relay up to 64 MiB; straight, buffered, streamed-put, streamed-patch and chunked got connection-lost at 5 MiB.',
    ],
    [
      'only chunks get below a limit',
      [
        ...row('direct', 'buffered', 5 * MiB, by413),
        ...row('direct', 'streamed-put', 5 * MiB, by413),
        ...row('direct', 'streamed-patch', 5 * MiB, by413),
        ...row('direct', 'chunked', 64 * MiB),
      ],
      'direct chunked 64 MiB',
      'chunked passes straight up to 64 MiB, while buffered, streamed-put and streamed-patch got HTTP 413 (too-large) from a proxy or firewall in front at 64 MiB.',
    ],
    [
      'nothing passes beyond a limit',
      [...all('direct', 5 * MiB, by413), ...all('relay', 5 * MiB, by413)],
      'direct buffered 5 MiB',
      'buffered passes straight up to 5 MiB, and no further: HTTP 413 (too-large) from a proxy or firewall in front at 64 MiB, so a limit of size or time lies between 5 MiB and 64 MiB.',
    ],
    [
      'different things go wrong, none passes all',
      [...row('direct', 'buffered', 64 * KiB, by413), ...row('direct', 'chunked', 0)],
      'direct buffered 64 KiB',
      'buffered passes straight up to 64 KiB, and no further: HTTP 413 (too-large) from a proxy or firewall in front at 5 MiB, so a limit of size or time lies between 64 KiB and 5 MiB; chunked got HTTP 400 (body-refused) from a proxy or firewall in front at 1 KiB.',
    ],
    [
      'one shape was tried',
      row('direct', 'chunked', 64 * MiB),
      'direct chunked 64 MiB',
      'chunked passes straight up to 64 MiB; no other shape was tried.',
    ],
    [
      'the relay alone was tried',
      row('relay', 'buffered', 64 * MiB),
      'relay buffered 64 MiB',
      'Only the relay was tried: buffered passes through the relay up to 64 MiB.',
    ],
  ])('%s', (_, results, expected, reason) => {
    const found = recommend(results, sizes)
    expect(`${found?.route} ${found?.strategy} ${printBytes(found?.bytes ?? 0)}`).toBe(expected)
    expect(found?.reason).toBe(reason)
  })

  test('our own limit is no limit of the way', () => {
    const ours = { kind: 'file-too-large', phase: 'input', answeredBy: 'chartroom' } as const
    const results = row('direct', 'buffered', 5 * MiB, { ...ours, message: 'Buffered takes 8 MiB at most.' })
    expect(recommend(results, sizes)?.reason).toBe(
      'buffered passes straight up to 5 MiB, and no further: Buffered takes 8 MiB at most.',
    )
  })

  test('nothing, where nothing passed', () => {
    expect(recommend(all('direct', 0), sizes)).toBeUndefined()
    expect(recommend([], sizes)).toBeUndefined()
  })
})

describe('how much a failure ends', () => {
  test.each<[string, Partial<Failure>, boolean, ReturnType<typeof verdictEnds>]>([
    ['nobody listens', { kind: 'refused', phase: 'blob', answeredBy: 'nobody' }, false, 'check'],
    ['the certificate is not trusted', { kind: 'tls-untrusted', phase: 'blob' }, false, 'check'],
    [
      'the registry wants another log-in',
      { kind: 'unauthorized', phase: 'blob', answeredBy: 'registry' },
      false,
      'check',
    ],
    ['a 403 to the body, nothing passed before', { kind: 'denied', phase: 'upload-body' }, false, 'check'],
    ['a 401 to one body among others', { kind: 'unauthorized', phase: 'upload-body' }, true, 'shape'],
    ['429', { kind: 'rate-limited', phase: 'upload-body', answeredBy: 'registry' }, true, 'check'],
    [
      'the registry refuses the repository',
      { kind: 'invalid', phase: 'upload-session', answeredBy: 'registry' },
      false,
      'check',
    ],
    [
      'something in front refuses the session',
      { kind: 'gateway-fault', phase: 'upload-session', answeredBy: 'proxy' },
      false,
      'route',
    ],
    ['the connection breaks before a body', { ...lost, phase: 'blob' }, false, 'route'],
    ['the connection breaks in a body', { ...lost, phase: 'upload-body' }, false, 'shape'],
    ['413', { ...by413, phase: 'upload-body' }, false, 'shape'],
    ['our own limit', { kind: 'file-too-large', phase: 'input', answeredBy: 'chartroom' }, false, 'shape'],
  ])('%s', (_, failure, anyPassed, ends) => {
    expect(verdictEnds(failureOf(failure), anyPassed)).toBe(ends)
  })
})

describe('the report for a ticket', () => {
  const hostile = failureOf({
    ...by400,
    message: 'proxy.example | <img src=x> said `no`\n# Heading',
    evidence: [
      { fact: 'message', value: '400\u001b[31m `Bad`\nRequest | ' },
      { fact: 'server', value: 'nginx' },
    ],
    ociErrors: [{ code: 'X', message: '`' }],
    next: ['use-buffered', 'ask-proxy-admin'],
  })
  const results = [
    ...row('direct', 'buffered', 64 * MiB).map((cell) => ({ ...cell, leftBehind: cell.bytes === KiB })),
    ...row('direct', 'chunked', KiB, hostile),
  ]
  const recommended = recommend(results, sizes)
  const text = printReport(
    {
      url: 'https://registry.example',
      repository: 'scratch/path',
      startedAt: Date.UTC(2026, 10, 22, 9, 0, 0),
      results,
      complete: true,
      ...(recommended !== undefined ? { recommended } : {}),
    },
    { routes: ['direct', 'relay'], strategies: ['buffered', 'chunked'], bytes: sizes },
  )

  test('names what to use, the cells, what was not tried, and the evidence of each failure', () => {
    expect(text.split('\n')).toEqual([
      '# Upload path to https://registry.example',
      '',
      'Checked 2026-11-22T09:00:00.000Z with random blobs in `scratch/path`.',
      '',
      expect.stringMatching(/^\*\*Use buffered, straight\.\*\* buffered passes straight/) as string,
      '',
      '| route | shape | 1 KiB | 64 KiB | 5 MiB | 64 MiB |',
      '| --- | --- | --- | --- | --- | --- |',
      '| straight | buffered | passed, 1 ms | passed, 1 ms | passed, 1 ms | passed, 1 ms |',
      '| straight | chunked | passed, 1 ms | **failed** (1) | not tried | not tried |',
      '| through the relay | buffered | not tried | not tried | not tried | not tried |',
      '| through the relay | chunked | not tried | not tried | not tried | not tried |',
      '',
      'The registry did not let go of 1 of the blobs (1 KiB).',
      '',
      '## 1. straight, chunked, 64 KiB',
      '',
      'proxy.example \\| \\<img src=x\\> said \\`no\\` \\# Heading',
      '',
      '- verdict: body-refused, during upload-body',
      '- answered by: proxy',
      "- error: `X '`",
      "- message: `400 [31m 'Bad' Request |`",
      '- server: `nginx`',
      '- next: use-buffered, ask-proxy-admin',
      '',
    ])
  })
})

test.each([
  [0, '0 B'],
  [512, '512 B'],
  [KiB, '1 KiB'],
  [1536 * KiB, '1.5 MiB'],
  [1024 * MiB, '1 GiB'],
])('%i bytes are printed as %s', (bytes, text) => {
  expect(printBytes(bytes)).toBe(text)
})
