import { fileURLToPath } from 'node:url'
import { nodeFlags } from '../../build/run.ts'
import { strategySchema } from '../../shared/model/upload.ts'
import { imageClient } from '../lab/clients.ts'
import { openTool, type Tool } from '../lab/tool.ts'
import { tag } from './content.ts'

/** A program that carries an image layout to or from a registry. */
export interface Contender {
  name: string
  isOurs: boolean
  program: string
  env: NodeJS.ProcessEnv
  /** Words that do nothing: what starting it costs. */
  start: string[]
  words(directory: string, url: string, repository: string): string[]
}

const ourJob = fileURLToPath(new URL('ours.ts', import.meta.url))
const peers = ['crane', 'skopeo', 'oras'] as const

/** The peers and ours, each strategy on its own to push; `close` removes the peers' homes. */
export async function openContenders(
  job: 'push' | 'pull',
): Promise<{ contenders: Contender[]; close(): Promise<void> }> {
  const tools = await Promise.all(peers.map((name) => openTool(name)))
  const contenders = peers.map((name, number) => peer(name, tools[number], job))
  const ways = job === 'push' ? strategySchema.options : [undefined]
  return {
    contenders: [...ways.map((strategy) => ours(job, strategy)), ...contenders],
    close: async () => {
      await Promise.all(tools.map((tool) => tool.close()))
    },
  }
}

function ours(job: 'push' | 'pull', strategy: string | undefined): Contender {
  return {
    name: strategy === undefined ? 'Chartroom' : `Chartroom, ${strategy}`,
    isOurs: true,
    program: process.execPath,
    env: { PATH: process.env['PATH'] ?? '' },
    start: [...nodeFlags, ourJob, 'start'],
    words: (directory, url, repository) => [
      ...nodeFlags,
      ourJob,
      job,
      directory,
      url,
      repository,
      tag,
      ...(strategy === undefined ? [] : [strategy]),
    ],
  }
}

function peer(name: (typeof peers)[number], tool: Tool | undefined, job: 'push' | 'pull'): Contender {
  if (tool === undefined) throw new Error(`${name} is not open`)
  return {
    name,
    isOurs: false,
    program: tool.path,
    env: tool.env,
    start: [name === 'skopeo' ? '--version' : 'version'],
    words: (directory, url, repository) =>
      imageClient(name)[job]({ directory, host: new URL(url).host, repository, tag }),
  }
}
