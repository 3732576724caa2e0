import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { openSync, closeSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import { promisify } from 'node:util'

/**
 * A network of its own, with mounts of its own, that this machine reaches through a pair of virtual cards. Everything
 * in it ends with this process, however that ends, and the network goes with the last of it: nothing is left behind.
 */
export interface Network {
  /** The address of a host in it. */
  address(host: number): string
  /** Starts a program in it; both of its outputs go to the file `log`. */
  start(program: string, words: readonly string[], log: string): ChildProcess
  /** Runs a program in it to its end; answers with stdout. Throws with both outputs where it fails. */
  run(program: string, ...words: string[]): Promise<string>
  close(): Promise<void>
}

/** Where nobody's network is: RFC 2544 keeps 198.18.0.0/15 for measurements between two devices. */
const subnets = 512
/** This machine's own end of the pair. */
const here = 254
/**
 * The kernel ends a program with the one that started it. Ahead of what else the machine does, as agents give up on
 * peers after a second.
 */
const withUs = ['nice', '-n', '-10', 'setpriv', '--pdeathsig', 'KILL']

let opened = 0

/** Opens one with hosts of these numbers. Wants root on Linux, and the programs of iproute2 and util-linux. */
export async function openNetwork(hosts: readonly number[]): Promise<Network> {
  const prefix = freePrefix()
  const card = `crl${process.pid}-${opened}`
  opened += 1
  const holder = await startHolder()
  const enter = [`--net=/proc/${holder.pid}/ns/net`, `--mount=/proc/${holder.pid}/ns/mnt`, ...withUs]
  const address = (host: number) => `${prefix}.${host}`
  const run = (program: string, ...words: string[]) => runToEnd('nsenter', [...enter, program, ...words])
  try {
    const pair = `link add ${card} type veth peer name lab netns ${holder.pid}`
    await runToEnd('ip', pair.split(' '))
    await runToEnd('ip', ['address', 'add', `${address(here)}/24`, 'dev', card])
    await runToEnd('ip', ['link', 'set', card, 'up'])
    for (const host of hosts) await run('ip', 'address', 'add', `${address(host)}/24`, 'dev', 'lab')
    for (const end of ['lo', 'lab']) await run('ip', 'link', 'set', end, 'up')
    // sockets of fixed names go there
    await run('mount', '-t', 'tmpfs', 'tmpfs', '/run')
  } catch (error) {
    await stopChild(holder)
    throw error
  }
  return {
    address,
    run,
    start: (program, words, log) => {
      const file = openSync(log, 'a')
      try {
        return spawn('nsenter', [...enter, program, ...words], {
          stdio: ['ignore', file, file],
          env: cleanEnvironment(),
        })
      } finally {
        closeSync(file)
      }
    },
    close: () => stopChild(holder),
  }
}

export async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
}

/** The process that keeps the network, once it has it. */
async function startHolder(): Promise<ChildProcess> {
  const words = ['--net', '--mount', ...withUs, 'sh', '-c', 'echo here; exec sleep infinity']
  const holder = spawn('unshare', words, { stdio: ['ignore', 'pipe', 'inherit'] })
  const [first] = (await Promise.race([
    once(holder.stdout, 'data'),
    once(holder, 'exit').then(() => ['ended']),
  ])) as [unknown]
  if (String(first).trim() !== 'here') throw new Error('no network of its own could be made')
  return holder
}

/** Two runs side by side begin at different places, and take none that is there. */
function freePrefix(): string {
  const taken = new Set(
    Object.values(networkInterfaces()).flatMap((cards = []) => cards.map(({ address }) => prefixOf(address))),
  )
  for (let step = 0; step < subnets; step += 1) {
    const number = (process.pid * 8 + opened + step) % subnets
    const prefix = `198.${18 + (number >> 8)}.${number & 255}`
    if (!taken.has(prefix)) return prefix
  }
  throw new Error('198.18.0.0/15 is full')
}

function prefixOf(address: string): string {
  return address.slice(0, address.lastIndexOf('.'))
}

async function runToEnd(program: string, words: readonly string[]): Promise<string> {
  try {
    return (await promisify(execFile)(program, words, { env: cleanEnvironment() })).stdout
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string }
    throw new Error(`${program} ${words.join(' ')} failed: ${stderr}${stdout}`, { cause: error })
  }
}

/** Nothing of the user's configuration, and no proxy. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  return { PATH: process.env['PATH'] ?? '', OTEL_TRACES_EXPORTER: 'none', TZ: 'UTC' }
}
