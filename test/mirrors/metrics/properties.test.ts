import * as fc from 'fast-check'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parseMetrics } from '../../../electron/mirrors/metrics/parse.ts'
import { readSpegel } from '../../../electron/mirrors/metrics/spegel.ts'
import { FailureError } from '../../../shared/model/failure.ts'
import { printMetrics } from '../../fakes/agent.ts'
import { classic, openMetrics, parsed } from './parsed.ts'

const real = readFileSync(new URL('../../fixtures/metrics/real-v0.7.4-mixed.txt', import.meta.url))

/** Reads it; true if it could be read, false if a Failure says why not. Whatever else is thrown goes on. */
function isRead(bytes: Uint8Array, contentType?: string): boolean {
  try {
    readSpegel(bytes, contentType)
    parseMetrics(bytes, () => true, contentType)
    return true
  } catch (error) {
    if (error instanceof FailureError) return false
    throw error
  }
}

describe('parseMetrics, whatever comes', () => {
  it('reads back what is printed', () => {
    const name = fc.stringMatching(/^[a-z_:][a-z0-9_:]{0,10}$/)
    const labels = fc.dictionary(fc.stringMatching(/^[a-z_][a-z0-9_]{0,6}$/), fc.string({ unit: 'binary' }), {
      maxKeys: 4,
    })
    const series = fc.uniqueArray(fc.record({ labels, value: fc.double() }), {
      selector: (one) => JSON.stringify(Object.entries(one.labels).sort()),
      minLength: 1,
      maxLength: 8,
    })
    const families = fc.uniqueArray(fc.record({ name, type: fc.constantFrom('counter', 'gauge'), series }), {
      selector: (family) => family.name,
      maxLength: 5,
    })
    fc.assert(
      fc.property(families, (printed) => {
        const named = printed.map((one) => ({
          ...one,
          series: one.series.map((each) => ({ ...each, name: one.name })),
        }))
        expect(parsed(printMetrics(named), classic)).toEqual(
          named.map((one) => ({
            ...one,
            count: one.series.length,
            // 0.0.4 has no minus zero of its own: -0 is printed as 0
            series: one.series.map((each) => ({ ...each, value: each.value + 0 })),
          })),
        )
      }),
      { numRuns: 300 },
    )
  })

  it('reads lines by themselves as it does behind others', () => {
    const word = fc.constantFrom('a', 'ab', 'abc_total', 'abc_totals')
    const label = fc.constantFrom('x="1"', 'x="12345678"', 'x="1234567"', 'y="1"', 'y="}"', 'z_long="\\\\"')
    const line = fc.record({
      name: word,
      labels: fc.uniqueArray(label, { maxLength: 3, selector: (each) => each[0] }),
      value: fc.nat(200_000),
    })
    const lines = fc
      .uniqueArray(line, { maxLength: 12, selector: ({ name, labels }) => name + labels.toSorted().join() })
      .map((all) => all.map(({ name, labels, value }) => `${name}{${labels.join()}} ${value}`))
    fc.assert(
      fc.property(lines, (printed) => {
        const together = parsed(printed.map((each) => `${each}\n`).join('')).flatMap(({ series }) => series)
        const alone = printed.flatMap((each) => parsed(`${each}\n`)[0]?.series ?? [])
        const sorted = (all: unknown[]) => all.map((each) => JSON.stringify(each)).sort()
        expect(sorted(together)).toEqual(sorted(alone))
      }),
      { numRuns: 500 },
    )
  })

  it('throws nothing but Failures over bytes without sense', () => {
    const line = fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc
        .array(
          fc.constantFrom(
            'a',
            '{',
            '}',
            '"',
            '=',
            ',',
            '\\',
            ' ',
            '\t',
            '#',
            '1',
            '-',
            '.',
            'e',
            '\r',
            'n',
            'TYPE ',
          ),
        )
        .map((parts) => Buffer.from(parts.join(''))),
    )
    fc.assert(
      fc.property(fc.array(line, { maxLength: 6 }), fc.boolean(), (lines, isOpen) => {
        const text = Buffer.concat(lines.flatMap((each) => [each, Buffer.from('\n')]))
        isRead(text)
        isRead(isOpen ? Buffer.concat([text, Buffer.from('# EOF\n')]) : text, isOpen ? openMetrics : classic)
      }),
      { numRuns: 2000 },
    )
  })

  it('throws nothing but Failures over a real text with a byte changed', () => {
    expect(isRead(real, classic)).toBe(true)
    fc.assert(
      fc.property(fc.nat(real.length - 1), fc.nat(255), (at, byte) => {
        const broken = Buffer.from(real)
        broken[at] = byte
        isRead(broken, classic)
      }),
      { numRuns: 500 },
    )
  })

  it('refuses a real text that was cut, wherever not between two lines', () => {
    fc.assert(
      fc.property(fc.nat(real.length - 1), (length) => {
        const isBetween = length === 0 || real[length - 1] === 0x0a
        if (!isBetween) expect(isRead(real.subarray(0, length), classic)).toBe(false)
      }),
      { numRuns: 300 },
    )
  })
})
