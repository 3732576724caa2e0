import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { electronBinary } from '../../build/electron-binary.ts'
import { root } from '../../build/run.ts'
import { buildApp } from '../desktop/desktop.ts'
import { closedPort, startFakeHost } from '../fakes/mirror.ts'

let directory: string
beforeAll(() => buildApp(), 120_000)
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'chartroom-start-'))
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await rm(directory, { recursive: true, force: true })
})

interface Run {
  code: number | null
  stdout: string
  stderr: string
}

/** Runs what `npm start` runs, and ends it once it is ready. */
async function start(options: string[], env: NodeJS.ProcessEnv = {}): Promise<Run> {
  const { DISPLAY: _, WAYLAND_DISPLAY: __, ...rest } = process.env
  const child = spawn(process.execPath, [join(root, 'build/start.ts'), ...options], {
    env: { ...rest, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const run: Run = { code: null, stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    run.stdout += text
    if (run.stdout.includes('Chartroom is ready at')) child.kill('SIGTERM')
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => (run.stderr += text))
  const [code] = (await once(child, 'close')) as [number | null]
  return { ...run, code }
}

/** Lines without the one that is said where something changed since the build, or checking it takes long. */
function linesOf(stderr: string): string[] {
  return stderr.split('\n').filter((line) => line !== '' && !line.startsWith('Building the app'))
}

const readyLine = /^Chartroom is ready at http:\/\/127\.0\.0\.1:\d+\/#token=\S+\n$/

describe('npm start', () => {
  test('asked for the browser host, prints its one line and ends with it', async () => {
    const { code, stdout, stderr } = await start(['--browser', '--no-open', '--profile', directory])
    expect(stdout).toMatch(readyLine)
    expect({ code, lines: linesOf(stderr) }).toEqual({ code: 0, lines: [] })
  })

  test.runIf(process.platform === 'linux')('without a display says so in one line and goes on', async () => {
    const { code, stdout, stderr } = await start(['--profile', directory])
    expect(stdout).toMatch(readyLine)
    expect(linesOf(stderr)).toEqual([
      'No desktop window, because there is no display: Chartroom opens in the browser instead.',
    ])
    expect(code).toBe(0)
  })

  test('refuses an option it does not know', async () => {
    const { code, stdout, stderr } = await start(['--bind', '0.0.0.0'])
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain("Unknown option '--bind'")
    expect(stderr).toContain('Usage: npm start')
  })

  test('hands on why the host ended', async () => {
    const { code, stdout, stderr } = await start(['--port', '99999'])
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain('--port 99999 is no port')
  })
})

describe('Electron', () => {
  test('that is there is used', async () => {
    // the package says where in its folder the executable is, once it was fetched
    const named = join(root, 'node_modules/electron/path.txt')
    const path = join(directory, await readFile(named, 'utf8').catch(() => 'electron'))
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, '')
    vi.stubEnv('ELECTRON_OVERRIDE_DIST_PATH', directory)
    expect(await electronBinary(60_000)).toEqual({ path })
  })

  test('that cannot be fetched is missing for a reason, in words without a stack', async () => {
    vi.stubEnv('ELECTRON_OVERRIDE_DIST_PATH', join(directory, 'empty'))
    vi.stubEnv('ELECTRON_MIRROR', `http://${closedPort}/`)
    vi.stubEnv('electron_config_cache', join(directory, 'cache'))
    const found = await electronBinary(60_000)
    expect(found).toEqual({ missing: expect.stringMatching(/^[A-Za-z ]+$/) as string })
  })

  test('that comes too slowly is given up', async () => {
    const silent = await startFakeHost(() => 'hang')
    vi.stubEnv('ELECTRON_OVERRIDE_DIST_PATH', join(directory, 'empty'))
    vi.stubEnv('ELECTRON_MIRROR', `${silent.url}/`)
    vi.stubEnv('electron_config_cache', join(directory, 'cache'))
    const found = await electronBinary(3000)
    await silent.stop()
    expect(found).toEqual({ missing: 'it took longer than 3 s' })
  })
})
