import { describe, expect, it } from 'vitest'
import { maxFamilies } from '../../../electron/mirrors/metrics/families.ts'
import { maxLabels, maxValueBytes } from '../../../electron/mirrors/metrics/labels.ts'
import { maxMetricsBytes, maxSeries, parseMetrics } from '../../../electron/mirrors/metrics/parse.ts'
import { classic, failureOf, parsed, wrong } from './parsed.ts'

function only(text: string) {
  const [family] = parsed(text)
  const [series] = family?.series ?? []
  return { labels: series?.labels, value: series?.value }
}

/** Nothing where it can be read. */
function evidenceOf(read: () => unknown) {
  try {
    read()
    return []
  } catch {
    return failureOf(read).evidence
  }
}

describe('parseMetrics of the text format 0.0.4', () => {
  it.each([
    ['a plain value', 'a 1\n', {}, 1],
    ['a large value in Go’s form', 'a 1.234567e+06\n', {}, 1_234_567],
    ['a small value', 'a 5e-05\n', {}, 0.00005],
    ['a value of many digits', 'a 9007199254740993\n', {}, 9_007_199_254_740_992],
    ['a value without digits before the point', 'a .5\n', {}, 0.5],
    ['a value without digits behind the point', 'a 5.\n', {}, 5],
    ['a signed value', 'a -5\n', {}, -5],
    ['plus infinity', 'a +Inf\n', {}, Infinity],
    ['minus infinity', 'a -inf\n', {}, -Infinity],
    ['infinity in full', 'a Infinity\n', {}, Infinity],
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
    ['a value of UTF-8', 'a{x="港口 – ⚓"} 1\n', { x: '港口 – ⚓' }, 1],
    ['an empty value', 'a{x=""} 1\n', { x: '' }, 1],
    ['names an object has', 'a{constructor="2"} 1\n', { constructor: '2' }, 1],
    ['a carriage return', 'a{x="1"} 1\r\n', { x: '1' }, 1],
    ['a carriage return behind a timestamp', 'a 1 5\r\n', {}, 1],
    [
      'comments, help and empty lines',
      '# free\n\n#\n# HELP a b\\n\\\\c\n# TYPE a gauge\na 1\n \t\r\n',
      {},
      1,
    ],
    ['a help without text', '# HELP a\n# TYPE a counter\r\na 1\n', {}, 1],
    ['words of OpenMetrics as comments', '# UNIT a seconds\na 1\n# EOF of nothing\n', {}, 1],
  ])('reads %s', (_, text, labels, value) => {
    expect(only(text)).toEqual({ labels, value })
  })

  it.each([
    ['no value', 'ok 1\na\n', '2', 'value'],
    ['a name grown into its value', 'a+1\n', '1', 'value'],
    ['a value that is none', 'a one\n', '1', '"one"'],
    ['a hexadecimal value', 'a 0x10\n', '1', '"0x10"'],
    ['a value with underscores', 'a 1_0\n', '1', '"1_0"'],
    ['an exponent without digits', 'a 1e+\n', '1', '"1e+"'],
    ['a lone sign', 'a -\n', '1', '"-"'],
    ['a lone point', 'a .\n', '1', '"."'],
    ['two values', 'a 1 2 3\n', '1', 'at most a timestamp'],
    ['a timestamp with a point', 'a 1 1.5\n', '1', 'timestamp'],
    ['a carriage return in a line', 'a 1\r 2\n', '1', 'timestamp'],
    ['a bad name', '1a 1\n', '1', 'name'],
    ['a name of UTF-8', '港 1\n', '1', 'name'],
    ['a label without quotes', 'a{x=1} 1\n', '1', 'quoted'],
    ['a label with a colon', 'a{x:y="1"} 1\n', '1', 'quoted'],
    ['a label without a name', 'a{="1"} 1\n', '1', 'quoted'],
    ['a comma alone', 'a{,} 1\n', '1', 'quoted'],
    ['a label that does not end', 'a{x="1 1\nb 1\n', '1', 'does not end'],
    ['labels that do not end', 'a{x="1" 1\n', '1', '"}"'],
    ['an unknown escape', 'a{x="\\t"} 1\n', '1', '"\\t" is no escape'],
    ['a backslash at the end', 'a{x="\\\n', '1', 'does not end'],
    ['an unknown escape in a help', 'a 1\n# HELP b \\"\n', '2', 'escape'],
    ['a label twice', 'a{x="1",y="2",x="3"} 1\n', '1', '"x" is there twice'],
    [
      'a label twice, behind what the line before has too',
      'a{x="1",y="2"} 1\na{x="1",x="2"} 1\n',
      '2',
      'twice',
    ],
    ['an unknown type', '# TYPE a thing\n', '1', '"thing"'],
    ['a type of OpenMetrics', '# TYPE a unknown\n', '1', '"unknown"'],
    ['a type that is a property of objects', '# TYPE a constructor\n', '1', '"constructor"'],
    ['a type in capitals', '# TYPE a GAUGE\n', '1', '"GAUGE"'],
    ['a type without a name', '# TYPE\n', '1', 'TYPE'],
    ['a name without a type', '# TYPE a\n', '1', 'TYPE'],
    ['a type of a bad name', '# TYPE 1a gauge\n', '1', 'TYPE'],
    ['two types', '# TYPE a gauge gauge\n', '1', 'TYPE'],
    ['a help without a name', '# HELP\n', '1', 'HELP'],
    ['a type named twice', '# TYPE a gauge\n# TYPE a gauge\n', '2', 'twice'],
    ['a type named twice, apart', '# TYPE a gauge\n# TYPE b gauge\nb 1\n# TYPE a gauge\n', '4', 'twice'],
    ['a help given twice', '# HELP a b\n# TYPE a gauge\n# HELP a b\n', '3', 'twice'],
    ['a type after its series', 'a 1\n# TYPE a gauge\n', '2', 'after its series'],
    ['a type after its buckets', 'a_bucket{le="1"} 1\n# TYPE a histogram\n', '2', 'after its series'],
    ['JSON', '{"a":1}\n', '1', 'name'],
    ['a text cut in a line', 'a 1\nb 123', '2', 'break off'],
    ['a text cut in its last line end', 'a 1\nb 123\r', '2', 'break off'],
    ['the same series twice', 'a{x="1"} 1\nb 1\na{x="1"} 1\n', '3', '"a" is there twice'],
    ['a series twice in another order', 'a{x="1",y="2"} 1\na{y="2",x="1"} 1\n', '2', 'twice'],
    ['a series twice with other blanks', 'a{x="1",y="2"} 1\na { x="1" ,y="2",} 1\n', '2', 'twice'],
    [
      'a series twice in the order that came second',
      'a{x="0",y="1"} 1\na{y="1",x="5"} 1\na{y="1",x="5"} 1\n',
      '3',
      'twice',
    ],
    ['a series twice with and without braces', 'a 1\na{} 1\n', '2', 'twice'],
    ['a series twice with timestamps', 'a 1 1\na 1 2\n', '2', 'twice'],
  ])('refuses %s and names the line', (_, text, line, why) => {
    const failure = wrong(text)
    expect(failure.line).toBe(line)
    expect(failure.why).toContain(why)
  })

  it.each([
    ['in another order, then', 'a{x="1",y="2"} 1\na{y="1",x="2"} 1\n'],
    ['of which one holds what looks like the other', 'a{x="1,y=\\"2"} 1\na{x="1",y="2"} 1\n'],
    ['that differ in a blank', 'a{x="1"} 1\na{x="1 "} 1\n'],
    ['in one order, then another', 'a{x="0",y="1"} 1\na{y="1",x="5"} 1\na{y="1",x="6"} 1\n'],
    ['that differ in the name', 'a{x="1"} 1\naa{x="1"} 1\n'],
    ['that differ in a label', 'a{x="1"} 1\na{y="1"} 1\na 1\n'],
  ])('tells two series apart %s', (_, text) => {
    expect(parsed(text).reduce((sum, { count }) => sum + count, 0)).toBe(text.split('\n').length - 1)
  })

  it.each([
    ['\n<!DOCTYPE html>\n<html></html>\n', 'That is a page, not metrics'],
    ['<?xml version="1.0"?>', 'That is a page, not metrics'],
  ])('says that a page is a page', (text, why) => {
    expect(wrong(text)).toEqual({ line: '1', why: expect.stringContaining(why) })
  })

  it('names the line that is not UTF-8', () => {
    const text = Buffer.concat([
      Buffer.from('a 1\nb{x="'),
      Buffer.from([0xc3, 0x28]),
      Buffer.from('"} 1\nc 1\n'),
    ])
    expect(wrong(text)).toEqual({ line: '2', why: 'Line 2: That is not UTF-8.' })
  })

  it('names every line, kept or not', () => {
    const text = '# TYPE a gauge\na 1\na{x="1",x="2"} 1\n'
    const failure = failureOf(() => parseMetrics(Buffer.from(text), () => false))
    expect(failure.evidence).toContainEqual({ fact: 'line', value: '3' })
  })

  it('stops at its limits', () => {
    const limit = (text: string | Uint8Array, isWanted = false) => {
      const read = () => parseMetrics(Buffer.from(text), () => isWanted)
      return evidenceOf(read).find(({ fact }) => fact === 'limit')
    }
    expect(limit('a 1\n'.repeat(maxSeries + 1))?.value).toBe(`${maxSeries} series`)
    expect(limit(Buffer.alloc(maxMetricsBytes + 1, 'a 1\n'))?.value).toBe(`${maxMetricsBytes} bytes`)
    const families = Array.from({ length: maxFamilies + 1 }, (_, index) => `# TYPE a${index} gauge\n`)
    expect(limit(families.join(''))?.value).toBe(`${maxFamilies} families`)
    const long = `a{x="${'y'.repeat(maxValueBytes + 1)}"} 1\n`
    expect(limit(long)).toBeUndefined()
    expect(limit(long, true)?.value).toBe(`${maxValueBytes} bytes of a label`)
    const labels = Array.from({ length: maxLabels + 1 }, (_, index) => `l${index}="1"`).join()
    expect(limit(`a{${labels}} 1\n`)?.value).toBe(`${maxLabels} labels`)
  })

  it('reads as many series and labels as its limits say', () => {
    const labels = Array.from({ length: maxLabels }, (_, index) => `l${index}="1"`).join()
    const text = `a{${labels}} 1\n${'b 1\n'.repeat(maxSeries - 1)}`
    const families = parseMetrics(Buffer.from(text), (name) => name === 'a')
    expect(families.get('a')?.series[0]?.labels.entries()).toHaveLength(maxLabels)
    expect(families.get('b')).toMatchObject({ count: maxSeries - 1, series: [] })
  })

  it('keeps all series of a name, the first, or none', () => {
    const text = '# TYPE a histogram\na_bucket{le="1"} 1\na_bucket{le="+Inf"} 2\na_sum 3\na_count 2\n'
    const families = parseMetrics(Buffer.from(text), (name) =>
      name === 'a_bucket' ? 'first' : name === 'a_sum',
    )
    expect(families.get('a')?.series.map(({ name, value }) => `${name} ${value}`)).toEqual([
      'a_bucket 1',
      'a_sum 3',
    ])
    expect(families.get('a')?.count).toBe(4)
  })

  it('reads no series from an empty text, and no family from a help alone', () => {
    expect(parsed('')).toEqual([])
    expect(parsed('# HELP spegel_x Something.\n')).toEqual([])
  })

  it('gives the lines of histograms and summaries to the family that was declared', () => {
    const text = [
      '# TYPE h histogram',
      'h_bucket{le="+Inf"} 2',
      'h_sum 3',
      'h_count 2',
      'h_total 1',
      '# TYPE s summary',
      's{quantile="0.5"} 1',
      's_sum 3',
      's_count 2',
      'h_created 5',
      'x_sum 1',
      'h_count{x="1"} 1',
      '',
    ].join('\n')
    const counts = parsed(text, classic).map(({ name, type, count }) => `${name} ${type} ${count}`)
    expect(counts).toEqual([
      'h histogram 4',
      'h_total untyped 1',
      's summary 3',
      'h_created untyped 1',
      'x_sum untyped 1',
    ])
  })

  it('reads a line right that begins like the one before', () => {
    const text = [
      'abc{x="1",y="22222222"} 1',
      'abc{x="1",y="22223"} 2',
      'abc{x="1"} 3',
      'abc{x="1",y="22222222",z="3"} 4',
      'abcd{x="1",y="22222222"} 5',
      'abcd 6',
      'abc 7',
      'abc{y="1"} 8',
      '',
    ].join('\n')
    const [abc, abcd] = parsed(text)
    expect(abc?.series.map(({ labels, value }) => [labels, value])).toEqual([
      [{ x: '1', y: '22222222' }, 1],
      [{ x: '1', y: '22223' }, 2],
      [{ x: '1' }, 3],
      [{ x: '1', y: '22222222', z: '3' }, 4],
      [{}, 7],
      [{ y: '1' }, 8],
    ])
    expect(abcd?.series.map(({ labels, value }) => [labels, value])).toEqual([
      [{ x: '1', y: '22222222' }, 5],
      [{}, 6],
    ])
  })

  it('reads what lies in the middle of a larger buffer', () => {
    const all = Buffer.from('b 1\na{x="1"} 2\nc 3\n')
    expect(parsed(all.subarray(4, 15))).toMatchObject([
      { name: 'a', series: [{ labels: { x: '1' }, value: 2 }] },
    ])
  })
})
