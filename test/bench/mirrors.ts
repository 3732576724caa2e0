import { createRequire } from 'node:module'
import { availableParallelism } from 'node:os'
import { bundle } from '../../build/bundle.ts'
import { measureHistory } from './history.ts'
import { chromiumPath } from './map-window.ts'
import { measure } from './measure.ts'
import { panSpeed } from './pan.ts'
import { parserSpeed } from './parser.ts'
import { roundSpeed } from './round.ts'

const manifestOf = createRequire(import.meta.url) as (name: string) => { version: string }
const undici = manifestOf('undici/package.json')
const parser = manifestOf('parse-prometheus-text-format/package.json')
const bytes = 250_000
const registries = 10

export interface MirrorsSize {
  /** Agents of a round and of a day's history; nodes on the map that is moved. */
  agents: number
  nodes: number
  /** Rounds that are counted, and hours of history. */
  runs: number
  hours: number
}

/** What takes part in it: the browser and the peers, with their versions. */
export async function mirrorsTools(): Promise<Map<string, string>> {
  const said = async (program: string) => (await measure(program, ['--version'], process.env)).stdout
  const [browser, curl] = [await said(chromiumPath), await said('curl')]
  return new Map([
    ['Chromium', numberIn(browser)],
    ['curl', numberIn(curl)],
    ['undici', undici.version],
    ['parse-prometheus-text-format', parser.version],
  ])
}

function numberIn(said: string): string {
  return /\d+(?:\.\d+)+/.exec(said)?.[0] ?? 'unknown'
}

/** What issue 5 asks of the Mirrors screen: the parser, a round until it is seen, a large map moved, a day on disk. */
export async function mirrorsSpeed({ agents, nodes, runs, hours }: MirrorsSize): Promise<string> {
  await bundle()
  const parsed = parserSpeed()
  const round = await roundSpeed({ agents, bytes, runs })
  const pan = await panSpeed(nodes)
  const cores = availableParallelism()
  return [
    parsed,
    `A round of ${agents} agents of ${bytes / 1000} kB each, 16 at a time, which answer, are read and are shown on the ` +
      `same ${cores} cores; medians of ${runs}:`,
    round,
    `The map of ${nodes} nodes by 20 registries, moved in every frame:`,
    pan,
    dayOnDisk(agents, hours),
  ].join('\n\n')
}

/** Two of its registries are asked of every agent between any two rounds. */
function dayOnDisk(agents: number, hours: number): string {
  const { bytes, record, growth, series } = measureHistory({
    agents,
    registries,
    busy: 2,
    hours,
    seconds: 15,
  })
  const ms = (value: number) => `${value.toFixed(0)} ms`
  return (
    `${hours} h of ${agents} agents of ${registries} registries, a round every 15 s, take ` +
    `${(bytes / 1e6).toFixed(0)} MB on disk. Recording a round takes ${ms(record.median)} (the slowest ${ms(record.slowest)}); ` +
    `the growth of all agents over a day is read in ${ms(growth)}, its series in ${ms(series.all)}.`
  )
}
