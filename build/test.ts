import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { labVariable, suitesOfLab } from './lab.ts'
import { addCounts, closingLine, countPlaywright, countVitest, type Counts } from './results.ts'
import { commandOf, root, run } from './run.ts'
import { prepare } from './setup.ts'

interface Stage {
  name: string
  /** The words behind `node`. */
  words: string[]
  /** Reads what the stage's reporter wrote; a stage without one counts no tests. */
  count?: () => Promise<Counts>
}

const results = join(root, '.cache', 'results')
const folders = ['shared', 'electron', 'renderer', 'test', 'build']
const stages: Stage[] = [
  {
    name: 'lint',
    words: [commandOf('oxlint', 'oxlint'), '--type-aware', '--deny-warnings', ...folders],
  },
  {
    name: 'format',
    words: [commandOf('oxfmt', 'oxfmt'), '--config=build/oxfmt.json', '--check', ...folders],
  },
  { name: 'types', words: [commandOf('typescript', 'tsc'), '-b'] },
  { name: 'bundle', words: ['build/bundle.ts'] },
  {
    name: 'unit',
    words: [
      commandOf('vitest', 'vitest'),
      'run',
      '--config=build/vitest.ts',
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${join(results, 'unit.json')}`,
    ],
    count: async () => countVitest(await report('unit.json')),
  },
  {
    name: 'e2e',
    words: [commandOf('@playwright/test', 'playwright'), 'test', '--config=build/playwright.ts'],
    count: async () => countPlaywright(await report('e2e.json')),
  },
]

const { values } = parseArgs({ options: { only: { type: 'string' } } })
const wanted = values.only?.split(',') ?? stages.map((stage) => stage.name)
const unknown = wanted.filter((name) => !stages.some((stage) => stage.name === name))
if (unknown.length > 0) {
  console.error(
    `No such stage: ${unknown.join(', ')}. There are ${stages.map((stage) => stage.name).join(', ')}.`,
  )
  process.exit(1)
}

await rm(results, { recursive: true, force: true })
await mkdir(results, { recursive: true })
process.exitCode = await runStages(stages.filter((stage) => wanted.includes(stage.name)))

async function runStages(chosen: Stage[]): Promise<number> {
  let machine
  try {
    machine = await prepare()
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    return 1
  }
  const env = {
    CHROMIUM: machine.browser,
    // the command line and the browser host are started some hundred times: V8 need not compile them anew
    NODE_COMPILE_CACHE: join(root, '.cache', 'compiled'),
    ...(machine.lab ? {} : { [labVariable]: 'absent' }),
  }
  const lines: string[] = []
  let total: Counts = { passed: 0, failed: 0, skipped: 0 }
  for (const stage of chosen) {
    console.log(`\n== ${stage.name}`)
    const start = performance.now()
    const code = await run(process.execPath, stage.words, env)
    const seconds = ((performance.now() - start) / 1000).toFixed(1)
    const counts = await countsOf(stage, code)
    total = addCounts(total, counts)
    lines.push(`${stage.name.padEnd(8)}${code === 0 ? 'ok    ' : 'FAILED'}${seconds.padStart(8)} s`)
  }
  console.log(`\n${lines.join('\n')}`)
  if (!machine.lab) {
    console.log('\nNot run, as this system has no docker-registry package:')
    for (const suite of suitesOfLab(root)) console.log(`  ${suite}`)
  }
  console.log(closingLine(total))
  await writeFile(join(results, 'total.txt'), `${closingLine(total)}\n`)
  return total.failed === 0 ? 0 : 1
}

/** A stage that fails without a failed test to show for it counts as one failure. */
async function countsOf(stage: Stage, code: number): Promise<Counts> {
  const none = { passed: 0, failed: 0, skipped: 0 }
  const counts = (await stage.count?.().catch(() => undefined)) ?? none
  const lost = code !== 0 || (stage.count !== undefined && counts === none)
  return lost && counts.failed === 0 ? { ...counts, failed: 1 } : counts
}

async function report(name: string): Promise<unknown> {
  return JSON.parse(await readFile(join(results, name), 'utf8'))
}
