import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder package.json is in. */
export const root = fileURLToPath(new URL('..', import.meta.url))

/**
 * How Node is started to carry large blobs, also by the script `cli` of package.json. What a stream has passed on is
 * freed when V8 looks through its young generation, and a small one (MiB) is looked through often: 1 GiB then adds some
 * 30 MiB of memory instead of 80, and takes a quarter less processor time (test/bench).
 */
export const nodeFlags = ['--max-semi-space-size=2'] as const

/** Path of the script behind a package's command, so that it runs under this Node on every system. */
export function commandOf(packageName: string, command: string): string {
  const folder = join(root, 'node_modules', packageName)
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    bin: Record<string, string>
  }
  const script = manifest.bin[command]
  if (script === undefined) throw new Error(`${packageName} has no command "${command}"`)
  return join(folder, script)
}

/** Runs a program at the root with our output and no input; resolves to its exit code, 1 where a signal ended it. */
export function run(program: string, words: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, words, {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { ...process.env, ...env },
    })
    child.once('error', reject)
    child.once('close', (code) => resolve(code ?? 1))
  })
}
