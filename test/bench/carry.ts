import { execFile } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { startDockerRegistry } from '../lab/docker-registry.ts'
import { ourPush } from '../lab/ours.ts'
import { type Contender, openContenders } from './contenders.ts'
import { tag } from './content.ts'
import { measure, median, type Run } from './measure.ts'
import type { Figures } from './report.ts'

const repository = 'bench/image'

/**
 * Every contender carries the layout at `layout` `runs` times, in turns, so that whatever else the machine does
 * meets all of them. Each push goes to a registry of its own that has nothing yet; pulls are from one registry.
 */
export async function carry(job: 'push' | 'pull', layout: string, runs: number): Promise<Figures[]> {
  const { contenders, close } = await openContenders(job)
  const carrier = job === 'push' ? pushes : await pulls(layout)
  try {
    const all = new Map<Contender, { runs: Run[]; starts: Run[] }>()
    for (let turn = 0; turn < runs; turn += 1) {
      for (const contender of rotated(contenders, turn)) {
        const { program, env, start } = contender
        const kept = all.get(contender) ?? { runs: [], starts: [] }
        all.set(contender, kept)
        kept.starts.push(await measure(program, start, env))
        // what the run before left to the disk is not this one's
        await promisify(execFile)('sync')
        const run = await carrier.once(contender, layout)
        kept.runs.push(run)
        process.stderr.write(`${turn + 1}/${runs} ${contender.name}: ${run.seconds.toFixed(2)} s\n`)
      }
    }
    return contenders.map((contender) => figuresOf(contender, all.get(contender) ?? { runs: [], starts: [] }))
  } finally {
    await Promise.all([carrier.stop(), close()])
  }
}

interface Carrier {
  once(contender: Contender, layout: string): Promise<Run>
  stop(): Promise<void>
}

const pushes: Carrier = {
  once: async ({ program, words, env }, layout) => {
    const registry = await startDockerRegistry()
    try {
      return await measure(program, words(layout, registry.url, repository), env)
    } finally {
      await registry.stop()
    }
  },
  stop: async () => undefined,
}

async function pulls(layout: string): Promise<Carrier> {
  const registry = await startDockerRegistry()
  await ourPush(layout, { url: registry.url, repository, tag }, 'streamed-put')
  return {
    once: async ({ program, words, env }) => {
      const directory = join(layout, '..', 'pulled')
      try {
        return await measure(program, words(directory, registry.url, repository), env)
      } finally {
        await rm(directory, { recursive: true, force: true })
      }
    },
    stop: () => registry.stop(),
  }
}

function rotated<T>(items: readonly T[], by: number): T[] {
  const at = by % items.length
  return [...items.slice(at), ...items.slice(0, at)]
}

function figuresOf({ name, isOurs }: Contender, kept: { runs: Run[]; starts: Run[] }): Figures {
  const growths = isOurs
    ? kept.runs.map(({ stdout }) => (JSON.parse(stdout) as { growth: number }).growth)
    : []
  return {
    name,
    isOurs,
    seconds: median(kept.runs.map(({ seconds }) => seconds)),
    start: median(kept.starts.map(({ seconds }) => seconds)),
    peak: median(kept.runs.map(({ peak }) => peak)),
    ...(isOurs ? { growth: median(growths) } : {}),
  }
}
