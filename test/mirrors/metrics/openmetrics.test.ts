import { describe, expect, it } from 'vitest'
import { openMetrics, parsed, wrong } from './parsed.ts'

const whole = `# HELP requests Requests \\"so far\\" \\ \\\\.
# TYPE requests counter
requests_total{cache="hit"} 3 1784105321.482 # {trace_id="ab\\"c"} 1.5 1784105321.4
requests_total{cache="miss"} 1e6 # {} 1
requests_created{cache="hit"} 1784105000.5
# TYPE took_seconds histogram
# UNIT took_seconds seconds
# HELP took_seconds
took_seconds_bucket{le="0.5"} 1 # {trace_id="d"} 0.25
took_seconds_bucket{le="+Inf"} 2
took_seconds_sum 3.5
took_seconds_count 2
took_seconds_created 1784105000
# TYPE held gaugehistogram
held_bucket{le="+Inf"} 2
held_gsum -1
held_gcount 2
# TYPE build info
build_info{version="1"} 1
# TYPE state stateset
state{state="on"} 1
# TYPE some unknown
some -inf
# TYPE parts summary
parts{quantile="0.5"} NaN
parts_sum 1
parts_count 1
unheard_of 5
# EOF
`

describe('parseMetrics of OpenMetrics 1.0', () => {
  it('reads every type, with exemplars, times and units, by the names of 0.0.4', () => {
    const families = parsed(whole, openMetrics)
    expect(families.map(({ name, type, count }) => `${name} ${type} ${count}`)).toEqual([
      'requests_total counter 3',
      'took_seconds histogram 5',
      'held gaugehistogram 3',
      'build_info info 1',
      'state stateset 1',
      'some unknown 1',
      'parts summary 3',
      'unheard_of unknown 1',
    ])
    expect(families[0]?.series).toEqual([
      { name: 'requests_total', labels: { cache: 'hit' }, value: 3 },
      { name: 'requests_total', labels: { cache: 'miss' }, value: 1_000_000 },
      { name: 'requests_created', labels: { cache: 'hit' }, value: 1_784_105_000.5 },
    ])
    expect(families[5]?.series[0]?.value).toBe(-Infinity)
  })

  it.each([
    ['its content-type, in any case', 'Application/OpenMetrics-Text; version=1.0.0', 'a{x="\\t"} 1\n# EOF\n'],
    ['its last line', undefined, 'a{x="\\t"} 1\n# EOF\n'],
    ['its last line without an end', 'text/plain', 'a{x="\\t"} 1\n# EOF'],
    ['its last line, alone', 'text/plain; charset=utf-8', '# EOF\n'],
    ['a unit', undefined, 'a{x="\\t"} 1\n# UNIT b_s s\n# EOF\n'],
  ])('is known by %s', (_, contentType, text) => {
    expect(() => parsed(text, contentType)).not.toThrow()
  })

  it('keeps the backslash of an escape it does not know', () => {
    const [family] = parsed('a{x="\\t\\\\n\\n\\""} 1\n# EOF\n')
    expect(family?.series[0]?.labels).toEqual({ x: '\\t\\n\n"' })
  })

  it('reads a gauge and a counter of one name, as client_golang prints go_memstats_alloc_bytes', () => {
    const gauge = '# HELP a Now.\n# TYPE a gauge\na 1\n'
    const counter = '# HELP a So far.\n# TYPE a counter\na_total 2\na_created 3\n'
    for (const text of [gauge + counter, counter + gauge]) {
      const families = parsed(`${text}# EOF\n`).toSorted((one, other) => (one.name < other.name ? -1 : 1))
      expect(families.map(({ name, type, count }) => `${name} ${type} ${count}`)).toEqual([
        'a gauge 1',
        'a_total counter 2',
      ])
    }
  })

  it('leaves a text that says it is 0.0.4 at that', () => {
    expect(parsed('# UNIT free\na 1\n# EOF\n', 'text/plain; version=0.0.4')).toHaveLength(1)
    expect(wrong('# TYPE a unknown\n# EOF\n', 'text/plain; version=0.0.4').why).toContain('"unknown"')
  })

  it.each([
    ['no end', 'a 1\n', '2', '# EOF'],
    ['no end in an empty text', '', '1', '# EOF'],
    ['an end that is cut', 'a 1\n# EO', '2', '# EOF'],
    ['an end behind something', 'a 1 # EOF', '1', '# EOF'],
    ['something behind an end', '# EOF\na 1\n# EOF\n', '1', 'begins with "#"'],
    ['a free comment', 'a 1\n# b\n# EOF\n', '2', 'begins with "#"'],
    ['a comment without a blank', '#TYPE a gauge\n# EOF\n', '1', 'begins with "#"'],
    ['an empty line', 'a 1\n\n# EOF\n', '2', 'name'],
    ['a blank before a name', ' a 1\n# EOF\n', '1', 'name'],
    ['two blanks before a value', 'a  1\n# EOF\n', '1', 'value'],
    ['no blank behind a brace', 'a{x="1"}1\n# EOF\n', '1', 'blank'],
    ['blanks between labels', 'a{x="1", y="1"} 1\n# EOF\n', '1', 'quoted'],
    ['a comma behind the last label', 'a{x="1",} 1\n# EOF\n', '1', 'behind ","'],
    ['a tab', 'a\t1\n# EOF\n', '1', 'blank'],
    ['a carriage return', 'a 1\r\n# EOF\n', '1', '"1" is no number'],
    ['a blank at the end', 'a 1 \n# EOF\n', '1', 'value'],
    ['a time that is none', 'a 1 NaN\n# EOF\n', '1', '"NaN"'],
    ['an endless time', 'a 1 +Inf\n# EOF\n', '1', '"+Inf"'],
    ['an exemplar of a gauge', '# TYPE a gauge\na 1 # {} 1\n# EOF\n', '2', 'exemplar'],
    ['an exemplar without labels', 'a_total 1 # 1\n# EOF\n', '1', 'exemplar'],
    ['an exemplar without a value', 'a_total 1 # {}\n# EOF\n', '1', 'value'],
    ['an exemplar with too much', 'a_total 1 # {} 1 2 3\n# EOF\n', '1', 'exemplar'],
    ['a type of 0.0.4', '# TYPE a untyped\n# EOF\n', '1', '"untyped"'],
    ['a counter without _total', '# TYPE a counter\na 1\n# EOF\n', '2', '_total or _created'],
    ['a histogram without an ending', '# TYPE a histogram\na 1\n# EOF\n', '2', '_bucket'],
    ['a name that lacks its unit', '# UNIT a seconds\n# EOF\n', '1', 'unit'],
    ['a unit given twice', '# UNIT a_s s\n# UNIT a_s s\n# EOF\n', '2', 'twice'],
    ['a help given twice', '# HELP a b\n# HELP a b\n# EOF\n', '2', 'twice'],
    [
      'a type given twice, apart',
      '# TYPE a gauge\na 1\n# TYPE b gauge\n# TYPE a gauge\n# EOF\n',
      '4',
      'twice',
    ],
    ['a type after its series', 'a 1\n# TYPE a gauge\n# EOF\n', '2', 'after its series'],
    ['a type after its counters', 'a_total 1\n# TYPE a counter\n# EOF\n', '2', 'after its series'],
    ['an info without _info', '# TYPE a info\na 1\n# EOF\n', '2', '_info'],
    ['families in pieces', '# TYPE a gauge\na{x="1"} 1\nb 1\na{x="2"} 1\n# EOF\n', '4', 'together'],
    ['the same series twice', '# TYPE a counter\na_total 1\na_total 1\n# EOF\n', '3', 'twice'],
  ])('refuses %s and names the line', (_, text, line, why) => {
    const failure = wrong(text, openMetrics)
    expect(failure.line).toBe(line)
    expect(failure.why).toContain(why)
  })
})
