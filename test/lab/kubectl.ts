import { type ChildProcessWithoutNullStreams, execFile, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { KubeHome } from '../fakes/kubernetes/kubeconfig.ts'

/** The real kubectl, which reads the kubeconfigs of one home and nothing of the user's. */
export interface Kubectl {
  /** Answers with stdout and stderr, whether it failed or not. */
  run(...words: string[]): Promise<{ code: number; stdout: string; stderr: string }>
  /** Runs it for its lines, one after the other. `next` throws once it has ended. */
  lines(...words: string[]): { next(): Promise<string>; stop(): void }
}

/** `npm test` brings the binary into `.cache/tools`; elsewhere one on PATH is taken. */
export function openKubectl(home: KubeHome, more: Record<string, string> = {}): Kubectl {
  const fetched = fileURLToPath(new URL('../../.cache/tools/kubectl', import.meta.url))
  const binary = existsSync(fetched) ? fetched : 'kubectl'
  const env = { ...home.env, PATH: `${home.env['PATH'] ?? ''}:${process.env['PATH'] ?? ''}`, ...more }
  return {
    run: (...words) =>
      new Promise((resolve) => {
        execFile(
          binary,
          words,
          { cwd: home.path, env, maxBuffer: 64 * 1024 * 1024 },
          (error, stdout, stderr) => {
            resolve({ code: error === null ? 0 : Number(error.code ?? 1), stdout, stderr })
          },
        )
      }),
    lines: (...words) => {
      const child: ChildProcessWithoutNullStreams = spawn(binary, words, { cwd: home.path, env })
      const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
      return {
        next: async () => {
          const { value, done } = await lines.next()
          if (done === true) throw new Error('kubectl ended')
          return value
        },
        stop: () => void child.kill(),
      }
    },
  }
}
