import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'

/** A user's directory that a test fills with files and programs. */
export interface Home {
  path: string
  /** Writes a file under the directory: an object as JSON. */
  write(file: string, content: unknown): Promise<void>
  /** Puts a credential helper there, `script` being what a shell runs, and returns an environment that finds it. */
  helper(name: string, script: string, directory?: string): Promise<Record<string, string>>
  remove(): Promise<void>
}

export async function makeHome(): Promise<Home> {
  const path = await mkdtemp(join(tmpdir(), 'chartroom-home-'))
  const write = async (file: string, content: unknown) => {
    const full = join(path, file)
    await mkdir(dirname(full), { recursive: true })
    await writeFile(full, typeof content === 'string' ? content : JSON.stringify(content))
  }
  return {
    path,
    write,
    helper: async (name, script, directory = 'bin') => {
      const file = join(directory, `docker-credential-${name}`)
      await write(file, `#!/bin/sh\n${script}\n`)
      await chmod(join(path, file), 0o755)
      return { PATH: [join(path, directory), process.env['PATH'] ?? ''].join(delimiter) }
    },
    remove: () => rm(path, { recursive: true }),
  }
}

/** `user:password` as docker writes it. */
export function authOf(username: string, password: string): string {
  return Buffer.from(`${username}:${password}`).toString('base64')
}
