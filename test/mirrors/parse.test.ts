import { readFileSync } from 'node:fs'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Family, maxSeries, parseMetrics } from '../../electron/mirrors/parse.ts'
import { FailureError } from '../../shared/model/failure.ts'
import { printMetrics } from '../fakes/agent.ts'

const all = () => true

function only(text: string) {
  const [family] = parseMetrics(text, all).values()
  const [sample] = (family as Family).samples
  return { labels: Object.fromEntries(sample?.labels ?? []), value: sample?.value }
}

function failureOf(text: string) {
  try {
    parseMetrics(text, all)
  } catch (error) {
    if (error instanceof FailureError) return error.failure
    throw error
  }
  throw new Error('it was parsed')
}

describe('parseMetrics', () => {
  it.each([
    ['a plain value', 'a 1\n', {}, 1],
    ['a large value in Go’s form', 'a 1.234567e+06\n', {}, 1_234_567],
    ['a small value', 'a 5e-05\n', {}, 0.00005],
    ['a value without digits before the point', 'a .5\n', {}, 0.5],
    ['plus infinity', 'a +Inf\n', {}, Infinity],
    ['minus infinity', 'a -inf\n', {}, -Infinity],
    ['no number', 'a NaN\n', {}, NaN],
    ['a timestamp', 'a 3 1784105321482\n', {}, 3],
    ['a timestamp before 1970', 'a 3 -1\n', {}, 3],
    ['no labels in braces', 'a{} 1\n', {}, 1],
    ['labels', 'a{x="1",y="2"} 1\n', { x: '1', y: '2' }, 1],
    ['a comma behind the last label', 'a{x="1",} 1\n', { x: '1' }, 1],
    ['blanks and tabs', '\ta\t{ x = "1" , y = "2" }\t 1  \n', { x: '1', y: '2' }, 1],
    ['no blank behind the brace', 'a{x="1"}1\n', { x: '1' }, 1],
    ['every escape', 'a{x="q\\"b\\\\n\\n."} 1\n', { x: 'q"b\\n\n.' }, 1],
    ['braces and hashes in a value', 'a{x="}# {"} 1\n', { x: '}# {' }, 1],
    ['an empty value', 'a{x=""} 1\n', { x: '' }, 1],
    [
      'names an object has',
      'a{__proto__x="1",constructor="2"} 1\n',
      { __proto__x: '1', constructor: '2' },
      1,
    ],
    ['a carriage return', 'a 1\r\n', {}, 1],
    ['comments, help and empty lines', '# free\n\n# HELP a b\\nc\n# TYPE a gauge\na 1\n', {}, 1],
  ])('reads %s', (_, text, labels, value) => {
    expect(only(text)).toEqual({ labels, value })
  })

  it.each([
    ['no value', 'ok 1\na\n', 2, 'value'],
    ['a value that is none', 'a one\n', 1, '"one"'],
    ['a hexadecimal value', 'a 0x10\n', 1, '"0x10"'],
    ['two values', 'a 1 2 3\n', 1, 'at most a timestamp'],
    ['a timestamp with a point', 'a 1 1.5\n', 1, 'timestamp'],
    ['a bad name', '1a 1\n', 1, 'name'],
    ['a label without quotes', 'a{x=1} 1\n', 1, 'quoted'],
    ['a label that does not end', 'a{x="1 1\n', 1, 'does not end'],
    ['labels that do not end', 'a{x="1" 1\n', 1, '"}"'],
    ['an unknown escape', 'a{x="\\t"} 1\n', 1, 'escape'],
    ['a backslash at the end', 'a{x="\\\n', 1, 'does not end'],
    ['a label twice', 'a{x="1",x="2"} 1\n', 1, 'twice'],
    ['an unknown type', '# TYPE a thing\n', 1, '"thing"'],
    ['a type without a name', '# TYPE\n', 1, 'TYPE'],
    ['a type named twice', '# TYPE a gauge\n# TYPE a gauge\n', 2, 'twice'],
    ['a type after its series', 'a 1\n# TYPE a gauge\n', 2, 'after its series'],
    ['JSON', '{"a":1}\n', 1, 'name'],
    ['a text cut in a line', 'a 1\nb 123', 2, 'break off'],
  ])('refuses %s and names the line', (_, text, line, why) => {
    const failure = failureOf(text)
    expect(failure.kind).toBe('metrics-invalid')
    expect(failure.evidence).toContainEqual({ fact: 'line', value: String(line) })
    expect(failure.message).toContain(why)
  })

  it('says that a page is a page', () => {
    expect(failureOf('\n<!DOCTYPE html>\n<html></html>\n').message).toContain('That is a page, not metrics')
  })

  it('stops at its limit of series', () => {
    const failure = failureOf('a 1\n'.repeat(maxSeries + 1))
    expect(failure.evidence).toContainEqual({ fact: 'limit', value: `${maxSeries} series` })
  })

  it('reads no series from an empty text', () => {
    expect(parseMetrics('', all).size).toBe(0)
  })

  it('gathers the series of a histogram, and keeps only what was asked for', () => {
    const text = readFileSync(new URL('../fixtures/spegel-v0.7.4.txt', import.meta.url), 'utf8')
    const families = parseMetrics(text, (name) => name === 'http_request_duration_seconds')
    expect([...families.keys()]).toHaveLength(14)
    expect(families.get('http_request_duration_seconds')?.type).toBe('histogram')
    expect(families.get('http_request_duration_seconds')?.samples).toHaveLength(5 * 14)
    expect(families.get('go_info')?.samples).toEqual([])
  })

  it('reads back whatever is printed', () => {
    const name = fc.stringMatching(/^[a-z_:][a-z0-9_:]{0,10}$/)
    const labels = fc.dictionary(fc.stringMatching(/^[a-z_][a-z0-9_]{0,6}$/), fc.string({ unit: 'binary' }), {
      maxKeys: 4,
    })
    const series = fc.array(fc.record({ labels, value: fc.double() }), { minLength: 1, maxLength: 5 })
    const families = fc.uniqueArray(fc.record({ name, type: fc.constantFrom('counter', 'gauge'), series }), {
      selector: (family) => family.name,
      maxLength: 5,
    })
    fc.assert(
      fc.property(families, (printed) => {
        const text = printMetrics(
          printed.map((one) => ({ ...one, series: one.series.map((each) => ({ ...each, name: one.name })) })),
        )
        const parsed = parseMetrics(text, all)
        expect([...parsed.keys()]).toEqual(printed.map((one) => one.name))
        for (const one of printed) {
          const samples = parsed.get(one.name)?.samples ?? []
          expect(samples.map(({ labels: found }) => [...found])).toEqual(
            one.series.map(({ labels: given }) => Object.entries(given)),
          )
          // 0.0.4 has no minus zero of its own: -0 is printed as 0
          expect(samples.map(({ value }) => value + 0)).toEqual(one.series.map(({ value }) => value + 0))
        }
      }),
      { numRuns: 200 },
    )
  })

  it('neither hangs nor fails otherwise on arbitrary text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        try {
          expect(parseMetrics(`${text}\n`, all)).toBeInstanceOf(Map)
        } catch (error) {
          expect(error).toBeInstanceOf(FailureError)
        }
      }),
    )
  })
})
