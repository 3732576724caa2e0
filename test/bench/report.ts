import { readFile, writeFile } from 'node:fs/promises'
import { availableParallelism, cpus, totalmem } from 'node:os'
import { fileURLToPath } from 'node:url'
import { commandOf, run } from '../../build/run.ts'

const path = fileURLToPath(new URL('RESULTS.md', import.meta.url))
const mebibyte = 1024 * 1024

/** One contender's figures: medians. */
export interface Figures {
  name: string
  isOurs: boolean
  /** Seconds from start to end of the process, and what starting it for nothing costs. */
  seconds: number
  start: number
  /** Bytes resident at most; growth is the part the job itself added, where it is known. */
  peak: number
  growth?: number
}

/** The table of one measurement: ratios to the fastest peer, of the whole process and without its start. */
export function tableOf(figures: readonly Figures[]): string {
  const peers = figures.filter(({ isOurs }) => !isOurs)
  const whole = Math.min(...peers.map(({ seconds }) => seconds))
  const work = Math.min(...peers.map(({ seconds, start }) => seconds - start))
  const mebibytes = (bytes: number | undefined) => (bytes === undefined ? '' : (bytes / mebibyte).toFixed(0))
  return [
    '| client | seconds | ratio | ratio without its start | peak MiB | growth MiB |',
    '| --- | ---: | ---: | ---: | ---: | ---: |',
    ...figures.map(({ name, seconds, start, peak, growth }) => {
      const ratios = [(seconds / whole).toFixed(2), ((seconds - start) / work).toFixed(2)]
      return `| ${[name, seconds.toFixed(2), ...ratios, mebibytes(peak), mebibytes(growth)].join(' | ')} |`
    }),
  ].join('\n')
}

/** Day and machine, as a reader wants to know them beside figures. */
export function circumstances(versions: ReadonlyMap<string, string>): string {
  const [cpu] = cpus()
  const memory = `${(totalmem() / 1024 ** 3).toFixed(0)} GiB RAM`
  const day = new Date().toISOString().slice(0, 10)
  const tools = [...versions].map(([name, version]) => `${name} ${version}`).join(', ')
  const machine = `${availableParallelism()} cores (${cpu?.model.trim() ?? 'unknown'}), ${memory}`
  return `${day}, ${machine}, Node ${process.versions.node}${tools === '' ? '' : `; ${tools}`}.`
}

/** Puts a section of RESULTS.md, found by its heading, in the place of the one before, and formats it. */
export async function record(heading: string, body: string): Promise<void> {
  const text = await readFile(path, 'utf8')
  const sections = text.split(/^(?=## )/m).filter((section) => !section.startsWith(`## ${heading}\n`))
  await writeFile(
    path,
    `${[...sections, `## ${heading}\n\n${body}\n`].map((part) => part.trim()).join('\n\n')}\n`,
  )
  await run(process.execPath, [commandOf('oxfmt', 'oxfmt'), '--config=build/oxfmt.json', path])
}
