import { readFileSync } from 'node:fs'

/** Ticks a second, as proc(5) counts a process' time everywhere Linux runs. */
const ticks = 100

/** What a running process has used so far: seconds of CPU, and the most bytes it had resident. Linux only. */
export function usageOf(pid: number): { seconds: number; peak: number } {
  return {
    seconds: secondsIn(readFileSync(`/proc/${pid}/stat`, 'utf8')),
    peak: peakIn(readFileSync(`/proc/${pid}/status`, 'utf8')),
  }
}

/** utime and stime of /proc/PID/stat; the name before them may have spaces and brackets. */
export function secondsIn(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / ticks
}

/** VmHWM of /proc/PID/status. */
export function peakIn(status: string): number {
  const [, kibibytes] = /^VmHWM:\s+(\d+) kB$/m.exec(status) ?? []
  return Number(kibibytes ?? 0) * 1024
}
