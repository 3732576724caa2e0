import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { addCounts, closingLine, countVitest } from './results.ts'
import { ensureLabTools, type LabTool } from './lab-tools.ts'
import { commandOf, root, run } from './run.ts'
import { ensurePackages } from './setup.ts'

/** `npm run test:lab [-- FILTER…]`: brings real registries and clients here and runs the interop suites. */

const results = join(root, '.cache', 'results')
const report = join(results, 'lab.json')
const total = join(results, 'lab-total.txt')
/** Debian packages by the command that shows they are there. */
const packages = {
  skopeo: 'skopeo',
  'docker-registry': 'docker-registry',
  htpasswd: 'apache2-utils',
  gpg: 'gnupg',
}
const none = { passed: 0, failed: 0, skipped: 0 }

process.exitCode = await main(process.argv.slice(2))

async function main(filters: string[]): Promise<number> {
  await mkdir(results, { recursive: true })
  await Promise.all([rm(report, { force: true }), rm(total, { force: true })])
  let versions: Map<LabTool, string>
  try {
    await ensurePackages(packages)
    versions = await ensureLabTools()
  } catch (error) {
    console.error(error)
    return 1
  }
  const code = await run(process.execPath, [
    commandOf('vitest', 'vitest'),
    'run',
    '--config=build/vitest-lab.ts',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
    ...filters,
  ])
  const counted = await readFile(report, 'utf8').then(
    (text) => countVitest(JSON.parse(text)),
    () => none,
  )
  const lost = code !== 0 && counted.failed === 0
  const counts = lost ? addCounts(counted, { ...none, failed: 1 }) : counted
  console.log('\nThe lab ran')
  for (const [tool, version] of versions) console.log(`  ${tool.padEnd(16)}${version}`)
  if (!versions.has('conformance')) {
    console.log('Not run: the distribution-spec conformance suite, as its Go module could not be had here;')
    console.log('CHARTROOM_CONFORMANCE may name its binary (go test -c in the folder conformance of v1.1.1).')
  }
  console.log(closingLine(counts))
  await writeFile(total, `${closingLine(counts)}\n`)
  return counts.failed === 0 ? 0 : 1
}
