import { setTimeout as pause } from 'node:timers/promises'
import { type Dispatcher, Agent as Pool, request } from 'undici'
import { type MapWindow, type Marks, marksOf, openMap, startAgents } from './map-window.ts'
import { measure, median } from './measure.ts'
import { usageOf } from './usage.ts'

const inFlight = 16
/** Milliseconds between two looks at the window, and of quiet after which a round is painted for good. */
const look = 250
const quiet = 1000

/** One round, seconds. */
interface Round {
  /** Asking, unpacking and parsing, until the last agent was read. */
  read: number
  /** Recording, making the view and sending it, until the window had it. */
  sent: number
  /** Until the frame that shows it was done. */
  painted: number
  letters: number
}

/** A round of agents in the running app, from its begin to the frame that shows it, beside merely fetching them. */
export async function roundSpeed(of: { agents: number; bytes: number; runs: number }): Promise<string> {
  const agents = await startAgents(of.agents, of.bytes)
  try {
    const map = await openMap(agents.addresses)
    let rows
    try {
      rows = await liveRounds(map, of.runs)
    } finally {
      await map.close()
    }
    const urls = agents.addresses.map((address) => `http://${address}/metrics`)
    const undici = await repeated(of.runs, () => fetchAll(urls))
    const curl = await repeated(of.runs, () => curlAll(urls))
    return tableOfRounds(rows, { undici, curl })
  } finally {
    await agents.stop()
  }
}

interface Live {
  rounds: Round[]
  /** CPU seconds of a round: of the host, and of the window's main thread. */
  host: number
  page: number
  /** Bytes. */
  peak: number
}

/** The first round is not counted: code is compiled and everything is new. */
async function liveRounds({ page, host, session }: MapWindow, runs: number): Promise<Live> {
  await roundsIn(page, 1)
  const before = { host: usageOf(host.pid), page: await taskSeconds(session) }
  const marks = await roundsIn(page, 1 + runs)
  const after = { host: usageOf(host.pid), page: await taskSeconds(session) }
  return {
    rounds: roundsOf(marks).slice(1, 1 + runs),
    host: (after.host.seconds - before.host.seconds) / runs,
    page: (after.page - before.page) / runs,
    peak: after.host.peak,
  }
}

/** Waits until so many rounds came and were painted. */
async function roundsIn(page: MapWindow['page'], count: number): Promise<Marks> {
  for (;;) {
    const marks = await marksOf(page)
    const last = marks.rounds[count - 1]
    if (last !== undefined && Date.now() > last.came + quiet && marks.painted.some((at) => at > last.came)) {
      return marks
    }
    await pause(look)
  }
}

/** A round is painted with the last painting soon after it came: one before may have been on its way. */
export function roundsOf({ rounds, painted }: Marks): Round[] {
  return rounds.map(({ came, at, took, letters }) => {
    const shown = painted.filter((each) => each > came && each < came + quiet).at(-1)
    const end = shown ?? painted.find((each) => each > came) ?? Number.NaN
    return {
      read: took / 1000,
      sent: (came - at - took) / 1000,
      painted: (end - came) / 1000,
      letters,
    }
  })
}

async function taskSeconds(session: MapWindow['session']): Promise<number> {
  const { metrics } = await session.send('Performance.getMetrics')
  return metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN
}

async function repeated(runs: number, once: () => Promise<number>): Promise<number> {
  const times: number[] = []
  await once()
  for (let run = 0; run < runs; run += 1) times.push(await once())
  return median(times)
}

/** Seconds to fetch all, 16 at a time, packed as they come; nothing is done with them. */
async function fetchAll(urls: readonly string[]): Promise<number> {
  const pool = new Pool()
  const start = performance.now()
  const waiting = urls.values()
  const worker = async () => {
    for (const url of waiting) await drained(url, pool)
  }
  await Promise.all(Array.from({ length: inFlight }, worker))
  const seconds = (performance.now() - start) / 1000
  await pool.close()
  return seconds
}

async function drained(url: string, dispatcher: Dispatcher): Promise<void> {
  const { body } = await request(url, { dispatcher, headers: { 'accept-encoding': 'gzip' } })
  await body.bytes()
}

/** Seconds of a curl that fetches and unpacks all, 16 at a time. */
async function curlAll(urls: readonly string[]): Promise<number> {
  const words = ['--parallel', '--parallel-max', String(inFlight), '--compressed', '--silent', '--fail']
  const wanted = urls.flatMap((url) => ['-o', '/dev/null', url])
  const { seconds } = await measure('curl', [...words, ...wanted], process.env)
  return seconds
}

function tableOfRounds(live: Live, peers: { undici: number; curl: number }): string {
  const of = (part: (round: Round) => number) => median(live.rounds.map(part))
  const whole = of(({ read, sent, painted }) => read + sent + painted)
  const row = (name: string, seconds: number) =>
    `| ${[name, seconds.toFixed(2), (seconds / peers.undici).toFixed(2)].join(' | ')} |`
  const mebibytes = (bytes: number) => (bytes / 1024 ** 2).toFixed(0)
  return [
    '| a round | seconds | times undici |',
    '| --- | ---: | ---: |',
    row(
      'asked, unpacked, parsed',
      of(({ read }) => read),
    ),
    row(
      'recorded, viewed, sent',
      of(({ sent }) => sent),
    ),
    row(
      'shown',
      of(({ painted }) => painted),
    ),
    row('whole, to the frame that shows it', whole),
    row('undici, fetched only', peers.undici),
    row('curl --parallel --compressed', peers.curl),
    '',
    `A round takes ${live.host.toFixed(2)} CPU seconds of the host and ${live.page.toFixed(2)} of the window's main thread; the ` +
      `host's peak is ${mebibytes(live.peak)} MiB; a view is ${mebibytes(of(({ letters }) => letters))} MiB of text.`,
  ].join('\n')
}
