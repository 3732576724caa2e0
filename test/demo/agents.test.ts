import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { agentProfiles, type AgentProfile } from '../../electron/demo/agent-profiles.ts'
import { countersAt } from '../../electron/demo/agent-counters.ts'
import { agentMetrics, ownMetrics } from '../../electron/demo/agent-metrics.ts'
import { goNumber } from '../../electron/demo/metrics-text.ts'

const begin = Date.UTC(2026, 10, 22)
function at(profile: AgentProfile, seconds: number) {
  const counters = countersAt(profile, begin, begin + seconds * 1000)
  if (counters === undefined) throw new Error(`${profile.name} had not started yet`)
  return counters
}
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

test('there are three zones of six, and each story is told by one node', () => {
  expect(agentProfiles).toHaveLength(18)
  expect(new Set(agentProfiles.map(({ name }) => name)).size).toBe(18)
  const requests = agentProfiles.map((profile) =>
    samples(textAt(profile, 60), 'spegel_mirror_requests_total'),
  )
  const has = (part: string) =>
    requests.filter((map) => Array.from(map.keys()).some((key) => key.includes(part)))
  expect(requests.filter((map) => map.size === 0)).toHaveLength(1)
  expect(has('cache="hit"')).toHaveLength(16)
  expect(has('source="internal"')).toHaveLength(1)
  expect(agentProfiles.filter(({ answers }) => !answers)).toHaveLength(1)
})

test('before its first start an agent counts nothing, and the past before the demo leads up to it', () => {
  const [profile] = steady
  if (profile === undefined) throw new Error('no agent is steady')
  expect(countersAt(profile, begin, begin - profile.age * 1000 - 1)).toBeUndefined()
  const hits = [-86_400, -3600, 0].map((seconds) => at(profile, seconds).registries[0]?.hits ?? 0)
  expect(hits).toEqual(hits.toSorted((a, b) => a - b))
  expect(hits[0]).toBeGreaterThan(0)
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

describe('the text of 0.7.4', () => {
  const real = shapeOf(
    readFileSync(new URL('../fixtures/metrics/real-v0.7.4-mixed.txt', import.meta.url), 'utf8'),
  )
  const ours = shapeOf(textAt(busy(), 60))

  test('has every family of a real agent in its order, with its help, type and labels, and none beside', () => {
    // set from what lay there at the start, which is nothing on the fresh nodes that were read
    const known = [...real.keys(), 'spegel_advertised_image_digests'].sort()
    expect([...ours.keys()]).toEqual(known)
    for (const [family, shape] of real) expect(ours.get(family)).toEqual(shape)
  })

  test('has the same bounds in every histogram', () => {
    for (const [family, { bounds }] of real) expect(ours.get(family)?.bounds).toEqual(bounds)
    expect(real.get('http_response_size_bytes')?.bounds).toHaveLength(11)
  })

  test('is told of the past by its own families alone, with the same numbers', () => {
    const profile = busy()
    const whole = textAt(profile, 60)
    const own = ownMetrics(profile, at(profile, 60))
    for (const line of own.split('\n')) expect(whole).toContain(line)
    expect(own).toContain('process_start_time_seconds')
    expect(own).not.toContain('libp2p_')
  })
})

/** What of a text does not depend on what was counted: by family its help, type, names of labels and bounds. */
function shapeOf(
  text: string,
): Map<string, { help: string; type: string; labels: string[]; bounds: string[] }> {
  const shapes = new Map<string, { help: string; type: string; labels: string[]; bounds: string[] }>()
  let help = ''
  let current = { help, type: '', labels: [] as string[], bounds: [] as string[] }
  for (const line of text.split('\n')) {
    const [, kind, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? []
    if (kind === 'HELP') help = rest
    if (kind === 'TYPE') shapes.set(name, (current = { help, type: rest, labels: [], bounds: [] }))
    if (line.startsWith('#')) continue
    for (const [, label = '', value = ''] of line.matchAll(/([a-z_]+)="([^"]*)"/g)) {
      if (!current.labels.includes(label)) current.labels.push(label)
      if (label === 'le' && !current.bounds.includes(value)) current.bounds.push(value)
    }
  }
  return shapes
}

function busy(): AgentProfile {
  const profile = steady.find(({ version, answers }) => version === '0.7' && answers)
  if (profile === undefined) throw new Error('no agent is well')
  return profile
}

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
