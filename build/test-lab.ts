import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { addCounts, closingLine, countPlaywright, countVitest, type Counts } from './results.ts'
import { clusterTools, ensureClusterTools, whyNoCluster } from './lab-cluster.ts'
import { debianVersion, ensureLabTools } from './lab-tools.ts'
import { commandOf, root, run } from './run.ts'
import { ensurePackages, type Machine, prepare } from './setup.ts'

/** `npm run test:lab [-- FILTER…]`: brings real registries and clients here and runs the interop suites and journeys. */

const results = join(root, '.cache', 'results')
const report = join(results, 'lab.json')
const journeysReport = join(results, 'lab-e2e.json')
const total = join(results, 'lab-total.txt')
/** Debian packages by the command that shows they are there. */
const packages = {
  skopeo: 'skopeo',
  'docker-registry': 'docker-registry',
  htpasswd: 'apache2-utils',
  gpg: 'gnupg',
  ip: 'iproute2',
  prometheus: 'prometheus',
}
/** Of a run that has no failed test to show for it. */
const lost: Counts = { passed: 0, failed: 1, skipped: 0 }

process.exitCode = await main(process.argv.slice(2))

async function main(filters: string[]): Promise<number> {
  await mkdir(results, { recursive: true })
  await Promise.all([report, journeysReport, total].map((path) => rm(path, { force: true })))
  let versions: Map<string, string>
  let machine: Machine
  try {
    await ensurePackages(packages)
    versions = await ensureLabTools()
    versions.set('prometheus', await debianVersion('prometheus'))
    await ensureClusterTools()
    machine = await prepare()
  } catch (error) {
    console.error(error)
    return 1
  }
  const suites = await runSuites(filters)
  const ran = addCounts(suites, await runJourneys(filters, machine.browser))
  // a filter may name nothing in one of them, but not in both
  const counts = ran.passed + ran.failed === 0 ? lost : ran
  console.log('\nThe lab ran')
  const noCluster = whyNoCluster()
  if (noCluster === undefined) for (const [tool, version] of clusterTools) versions.set(tool, version)
  for (const [tool, version] of versions) console.log(`  ${tool.padEnd(16)}${version}`)
  if (!versions.has('conformance')) {
    console.log('Not run: the distribution-spec conformance suite, as its Go module could not be had here;')
    console.log('CHARTROOM_CONFORMANCE may name its binary (go test -c in the folder conformance of v1.1.1).')
  }
  if (noCluster !== undefined) console.log(`Not run: the suites on a real Spegel cluster, as ${noCluster}.`)
  console.log(closingLine(counts))
  await writeFile(total, `${closingLine(counts)}\n`)
  return counts.failed === 0 ? 0 : 1
}

function runSuites(filters: readonly string[]): Promise<Counts> {
  return countsOf(report, countVitest, [
    commandOf('vitest', 'vitest'),
    'run',
    '--config=build/vitest-lab.ts',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
    ...(filters.length > 0 ? ['--passWithNoTests'] : []),
    ...filters,
  ])
}

async function runJourneys(filters: readonly string[], browser: string): Promise<Counts> {
  // their window is what is bundled
  if ((await run(process.execPath, ['build/bundle.ts'])) !== 0) return lost
  const words = [
    commandOf('@playwright/test', 'playwright'),
    'test',
    '--config=build/playwright-lab.ts',
    ...(filters.length > 0 ? ['--pass-with-no-tests'] : []),
    ...filters,
  ]
  return countsOf(journeysReport, countPlaywright, words, { CHROMIUM: browser })
}

/** Runs Node with `words` and counts the report it writes; one that ends badly without a failed test is one failure. */
async function countsOf(
  path: string,
  count: (report: unknown) => Counts,
  words: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<Counts> {
  const code = await run(process.execPath, words, env)
  const counts = await readFile(path, 'utf8').then(
    (text) => count(JSON.parse(text)),
    () => ({ passed: 0, failed: 0, skipped: 0 }),
  )
  return code !== 0 && counts.failed === 0 ? addCounts(counts, lost) : counts
}
