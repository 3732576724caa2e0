import { expect, test } from 'vitest'
import { agentProfiles, type AgentProfile } from '../../electron/demo/agent-profiles.ts'
import { countersAt } from '../../electron/demo/agent-counters.ts'
import { agentMetrics } from '../../electron/demo/agent-metrics.ts'
import { goNumber } from '../../electron/demo/metrics-text.ts'

const begin = Date.UTC(2026, 10, 22)
const at = (profile: AgentProfile, seconds: number) => countersAt(profile, begin, begin + seconds * 1000)
const textAt = (profile: AgentProfile, seconds: number) => agentMetrics(profile, at(profile, seconds))
const steady = agentProfiles.filter(({ restartsEvery }) => restartsEvery === 0)
const restarting = agentProfiles.find(({ restartsEvery }) => restartsEvery > 0)

/** The values of a family's samples by their text. */
function samples(text: string, family: string): Map<string, number> {
  const lines = text
    .split('\n')
    .filter((line) => line.startsWith(`${family}{`) || line.startsWith(`${family} `))
  return new Map(
    lines.map((line) => [
      line.slice(0, line.lastIndexOf(' ')),
      Number(line.slice(line.lastIndexOf(' ') + 1)),
    ]),
  )
}

test('there are a dozen, and each tells another story', () => {
  expect(agentProfiles).toHaveLength(12)
  const requests = agentProfiles.map((profile) =>
    samples(textAt(profile, 60), 'spegel_mirror_requests_total'),
  )
  const has = (part: string) =>
    requests.filter((map) => Array.from(map.keys()).some((key) => key.includes(part)))
  expect(requests.filter((map) => map.size === 0)).toHaveLength(1)
  expect(has('cache="hit"')).toHaveLength(10)
  expect(has('source="internal"')).toHaveLength(1)
})

test('no counter of an agent that stays up ever falls, and each agent that is asked counts on', () => {
  for (const profile of steady) {
    const counts = (seconds: number) =>
      at(profile, seconds).registries.flatMap(({ hits, misses }) => [hits, misses])
    const sum = (numbers: number[]) => numbers.reduce((total, number) => total + number, 0)
    let before = counts(0)
    for (let seconds = 1; seconds <= 300; seconds += 1) {
      const now = counts(seconds)
      expect(now.every((value, index) => value >= (before[index] ?? Infinity))).toBe(true)
      before = now
    }
    expect(sum(before) > sum(counts(0))).toBe(profile.traffic.length > 0)
  }
})

test('an agent that restarts starts its counters and its process time anew', () => {
  if (restarting === undefined) throw new Error('no agent restarts')
  const before = at(restarting, restarting.restartsEvery - restarting.age - 1)
  const after = at(restarting, restarting.restartsEvery - restarting.age + 1)
  expect(after.startedAt).toBe(before.startedAt + restarting.restartsEvery)
  expect(after.registries[0]?.hits).toBeLessThan(before.registries[0]?.hits ?? 0)
})

test('two readings of one moment are the same', () => {
  for (const profile of agentProfiles) expect(textAt(profile, 33.3)).toBe(textAt(profile, 33.3))
})

test('hits and misses never exceed the answers the listener counted', () => {
  for (const profile of agentProfiles) {
    const { registries } = at(profile, 120)
    const answers = samples(textAt(profile, 120), 'http_request_duration_seconds_count')
    const answered = (code: string) =>
      Array.from(answers)
        .filter(([series]) => series.includes(`code="${code}",handler="/v2/*"`))
        .reduce((sum, [, value]) => sum + value, 0)
    const sum = (key: 'hits' | 'misses') => registries.reduce((total, counts) => total + counts[key], 0)
    expect(sum('hits')).toBeLessThanOrEqual(answered('200'))
    expect(sum('misses')).toBe(answered('404') + answered('500'))
  }
})

test('the last success is 0 exactly where nothing was ever hit', () => {
  for (const profile of agentProfiles.filter(({ version }) => version === '0.7')) {
    const counters = at(profile, 90)
    const hit = counters.registries.some(({ hits }) => hits > 0)
    expect(counters.lastSuccess > 0).toBe(hit)
    if (hit) expect(counters.lastSuccess).toBeGreaterThanOrEqual(counters.startedAt)
  }
})

test('the text has the shape of the format: sorted families, each announced once, histograms that add up', () => {
  for (const profile of agentProfiles) {
    const text = textAt(profile, 45)
    expect(text.endsWith('\n')).toBe(true)
    const announced = Array.from(text.matchAll(/^# TYPE (\S+) /gm), ([, name]) => name)
    expect(announced).toEqual([...new Set(announced)].sort())
    const line = /^(?:# (?:HELP|TYPE) .+|[a-z_0-9]+(?:\{[^}]*\})? [0-9.e+-]+)$/
    expect(text.split('\n').filter((row) => row !== '' && !line.test(row))).toEqual([])
    const counts = samples(text, 'http_response_size_bytes_count')
    const buckets = samples(text, 'http_response_size_bytes_bucket')
    for (const [series, count] of counts) {
      const labels = series.slice(series.indexOf('{') + 1, -1)
      expect(buckets.get(`http_response_size_bytes_bucket{${labels},le="+Inf"}`)).toBe(count)
    }
  }
})

test.each([
  [0, '0'],
  [999_999, '999999'],
  [1_234_567, '1.234567e+06'],
  [1e6, '1e+06'],
  [0.00005, '5e-05'],
  [0.005, '0.005'],
  [1_784_105_321.482_913, '1.784105321482913e+09'],
  [Infinity, '+Inf'],
])('%d is printed as Go prints it: %s', (value, text) => {
  expect(goNumber(value)).toBe(text)
})
