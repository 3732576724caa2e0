import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { setTimeout as pause } from 'node:timers/promises'

/** What a program took: seconds from its start to its end, and the most bytes it had resident. */
export interface Run {
  seconds: number
  peak: number
  stdout: string
}

/** Milliseconds between two looks at a process; its peak only grows, so that the last look counts. */
const interval = 20

/** Runs a program to its end. Throws with what it printed where it fails. */
export async function measure(
  program: string,
  words: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<Run> {
  const start = performance.now()
  const child = spawn(program, words, { env, stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = once(child, 'close') as Promise<[number | null]>
  const printed = Promise.all([text(child.stdout), text(child.stderr)])
  const done = { is: false }
  const peak = watchPeak(child.pid, done)
  const [code] = await ended
  const seconds = (performance.now() - start) / 1000
  done.is = true
  const [stdout, stderr] = await printed
  if (code !== 0) throw new Error(`${program} ${words.join(' ')} ended with ${code}: ${stderr}${stdout}`)
  return { seconds, peak: await peak, stdout }
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2
}

/** VmHWM of proc(5), until the process is gone. */
async function watchPeak(pid: number | undefined, done: { is: boolean }): Promise<number> {
  if (pid === undefined) return 0
  let peak = 0
  while (!done.is) {
    const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
    const [, kibibytes] = /^VmHWM:\s+(\d+) kB$/m.exec(status) ?? []
    peak = Math.max(peak, Number(kibibytes ?? 0) * 1024)
    await pause(interval)
  }
  return peak
}
