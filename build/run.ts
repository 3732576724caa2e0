import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder package.json is in. */
export const root = fileURLToPath(new URL('..', import.meta.url))

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
