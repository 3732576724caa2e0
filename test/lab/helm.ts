import { execFile } from 'node:child_process'
import { access, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The real helm with a home of its own: nothing of the user's configuration is read or written. */
export interface Helm {
  /** Runs helm in `cwd`; answers with stdout and stderr. Throws with both when helm fails. */
  run(args: readonly string[], cwd?: string): Promise<{ stdout: string; stderr: string }>
  /** A directory for files, removed by `close`. */
  readonly directory: string
  close(): Promise<void>
}

/**
 * Opens helm, in a zone of its own. `npm test` brings the binary into `.cache/tools`; elsewhere one on PATH is taken.
 */
export async function openHelm(zone = 'UTC'): Promise<Helm> {
  const directory = await mkdtemp(join(tmpdir(), 'chartroom-helm-'))
  const home = join(directory, 'home')
  await mkdir(home)
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: home,
    HELM_CACHE_HOME: join(home, 'cache'),
    HELM_CONFIG_HOME: join(home, 'config'),
    HELM_DATA_HOME: join(home, 'data'),
    DOCKER_CONFIG: join(home, 'docker'),
    TZ: zone,
  }
  const binary = await findHelm(env)
  return {
    directory,
    run: (args, cwd = directory) => execute(binary, args, { cwd, env }),
    close: () => rm(directory, { recursive: true, force: true }),
  }
}

async function findHelm(env: NodeJS.ProcessEnv): Promise<string> {
  const name = process.platform === 'win32' ? 'helm.exe' : 'helm'
  const fetched = fileURLToPath(new URL(`../../.cache/tools/${name}`, import.meta.url))
  try {
    await access(fetched)
    return fetched
  } catch {
    try {
      await execute(name, ['version', '--short'], { env })
      return name
    } catch {
      throw new Error('helm is neither in .cache/tools nor on PATH: npm test fetches it')
    }
  }
}

function execute(
  binary: string,
  args: readonly string[],
  options: { cwd?: string; env: NodeJS.ProcessEnv },
): Promise<{ stdout: string; stderr: string }> {
  return new Promise((resolve, reject) => {
    execFile(binary, args, options, (error, stdout, stderr) => {
      if (error === null) resolve({ stdout, stderr })
      else reject(new Error(`helm ${args.join(' ')} failed: ${stderr}${stdout}`, { cause: error }))
    })
  })
}
