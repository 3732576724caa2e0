import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { ensureLabTools } from '../../build/lab-tools.ts'
import { carry } from './carry.ts'
import { writeLarge, writeMany } from './content.ts'
import { mirrorsSpeed, mirrorsTools } from './mirrors.ts'
import { circumstances, record, tableOf } from './report.ts'
import { parserSpeed } from './parser.ts'
import { publishSpeed } from './publish.ts'
import { publishRequests } from './requests.ts'

const usage = `npm run bench -- push|pull|requests|publish [--size MEBIBYTES] [--layers N] [--runs N] [--record]
Carries an image of one large layer and one of many small ones between a docker-registry and Chartroom, crane,
skopeo and oras; or counts the requests of publishing a chart beside helm; or publishes one chart and a queue of 50
beside helm, near and far. TMPDIR says on which disk.

npm run bench -- mirrors|parser [--agents N] [--nodes N] [--hours N] [--runs N] [--record]
Reads, keeps and shows the metrics of many agents beside merely fetching them, moves the map of many nodes, fills a
history; or only parses an agent's metrics beside the npm package and a split into lines, which is part of that.

--record puts the figures into test/bench/RESULTS.md.`

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    size: { type: 'string', default: '1024' },
    layers: { type: 'string', default: '200' },
    runs: { type: 'string', default: '5' },
    agents: { type: 'string', default: '500' },
    nodes: { type: 'string', default: '2000' },
    hours: { type: 'string', default: '24' },
    record: { type: 'boolean', default: false },
  },
})
const jobs = ['push', 'pull', 'requests', 'publish', 'mirrors', 'parser'] as const
type BenchJob = (typeof jobs)[number]

const job = jobs.find((each) => each === positionals[0])
if (job !== undefined) await main(job)
else {
  process.stderr.write(`${usage}\n`)
  process.exitCode = 2
}

async function main(job: BenchJob): Promise<void> {
  // these two meet nothing that has to be built
  const versions = job === 'mirrors' || job === 'parser' ? await mirrorsTools() : await ensureLabTools()
  const body = await measured(job)
  const section = `${circumstances(versions)}\n\n${body}`
  process.stdout.write(`## ${job}\n\n${section}\n`)
  if (values.record) await record(job, section)
}

async function measured(job: BenchJob): Promise<string> {
  if (job === 'parser') return parserSpeed()
  if (job === 'requests') return publishRequests()
  if (job === 'publish') return publishSpeed(Number(values.runs))
  if (job === 'mirrors') return mirrorsSpeed(mirrorsSize())
  return carried(job)
}

function mirrorsSize() {
  const [agents, nodes] = [Number(values.agents), Number(values.nodes)]
  return { agents, nodes, runs: Number(values.runs), hours: Number(values.hours) }
}

async function carried(job: 'push' | 'pull'): Promise<string> {
  const [size, layers, runs] = [Number(values.size), Number(values.layers), Number(values.runs)]
  const directory = await mkdtemp(join(tmpdir(), 'chartroom-bench-'))
  try {
    await writeLarge(join(directory, 'large'), size)
    await writeMany(join(directory, 'many'), layers)
    const large = tableOf(await carry(job, join(directory, 'large'), runs))
    const many = tableOf(await carry(job, join(directory, 'many'), runs))
    return [
      `${job === 'push' ? 'Push' : 'Pull'} one layer of ${size} MiB; medians of ${runs}:`,
      large,
      `${layers} layers of 16 KiB; medians of ${runs}:`,
      many,
    ].join('\n\n')
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}
