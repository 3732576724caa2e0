import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { networkInterfaces, tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { eventually, startCluster } from './cluster.ts'

const module = fileURLToPath(new URL('cluster.ts', import.meta.url))

// left out by build/vitest-lab.ts where no cluster can run, and named at the end of `npm run test:lab`
test('of a run that is killed no program and no network stays, and its folder goes with the next run', async () => {
  const script = `import { startCluster } from ${JSON.stringify(module)}
await startCluster('v0.7.4')
console.log('here')
setInterval(() => {}, 1000)`
  const run = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(run.stdout, 'data')
  expect([cardsOf(run.pid).length, foldersOf(run.pid).length]).toEqual([1, 1])
  const programs = childrenOf(run.pid)
  // the keeper of the network, the upstream, four containerds and four agents
  expect(programs).toHaveLength(10)

  const ended = once(run, 'exit')
  run.kill('SIGKILL')
  await ended
  await eventually(async () => programs.every((pid) => !existsSync(`/proc/${pid}`)), 'its programs to end')
  await eventually(async () => cardsOf(run.pid).length === 0, 'its network to go')
  const next = await startCluster('v0.7.4')
  await next.stop()
  await eventually(async () => cardsOf(process.pid).length === 0, 'a network that was closed to go')
  expect([foldersOf(run.pid), foldersOf(process.pid)]).toEqual([[], []])
})

function cardsOf(pid: number | undefined): string[] {
  return Object.keys(networkInterfaces()).filter((name) => name.startsWith(`crl${pid}-`))
}

function foldersOf(pid: number | undefined): string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith(`chartroom-cluster-${pid}-`))
}

function childrenOf(pid: number | undefined): string[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')
}
