import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { labToolPath, type LabTool } from '../../build/lab-tools.ts'

/** A program of the lab with a home of its own: nothing of the user's configuration is read or written. */
export interface Tool {
  readonly path: string
  readonly env: NodeJS.ProcessEnv
  /** A directory for files, removed by `close`; programs run in it. */
  readonly directory: string
  /** Runs it; answers with stdout. Throws with both outputs when it fails. */
  run(...words: string[]): Promise<string>
  close(): Promise<void>
}

export async function openTool(name: LabTool): Promise<Tool> {
  const directory = await mkdtemp(join(tmpdir(), `chartroom-${name}-`))
  const home = join(directory, 'home')
  await mkdir(home)
  const path = labToolPath(name)
  const env = { PATH: process.env['PATH'] ?? '', HOME: home, DOCKER_CONFIG: join(home, 'docker'), TZ: 'UTC' }
  return {
    path,
    env,
    directory,
    run: (...words) =>
      new Promise((resolve, reject) => {
        const options = { cwd: directory, env, maxBuffer: 64 * 1024 * 1024 }
        execFile(path, words, options, (error, stdout, stderr) => {
          if (error === null) resolve(stdout)
          else reject(new Error(`${name} ${words.join(' ')} failed: ${stderr}${stdout}`, { cause: error }))
        })
      }),
    close: () => rm(directory, { recursive: true, force: true }),
  }
}
