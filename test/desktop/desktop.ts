import { execFile } from 'node:child_process'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { MessagePort } from 'node:worker_threads'
import { createORPCClient } from '@orpc/client'
import { RPCLink } from '@orpc/client/message-port'
import type { ContractRouterClient } from '@orpc/contract'
import type { Contract } from '../../shared/contract/contract.ts'
import { type DoubleOptions, ElectronDouble } from '../fakes/electron/double.ts'
import { runMain } from '../fakes/electron/load.ts'
import { PageDouble } from '../fakes/electron/page.ts'
import type { WindowDouble } from '../fakes/electron/window.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

export type Client = ContractRouterClient<Contract>

export interface Desktop {
  readonly double: ElectronDouble
  readonly profile: string
  /** The window, once its page has been asked for. */
  window(): Promise<WindowDouble>
  /** Quits if it still runs, giving up uploads, and removes the bundle's copy and the profile. */
  stop(): Promise<void>
}

export interface Start extends Omit<Partial<DoubleOptions>, 'userData'> {
  /** Words after the app's own on the command line. */
  words?: string[]
  /** A profile of an earlier start; a new one without. The caller removes it. */
  profile?: string
  /** The folder that holds `package.json` and `dist/app`; the repository's without. */
  app?: string
  /** False leaves the app waiting before `ready`. */
  ready?: boolean
}

/** Builds `dist/app` if anything it is made of changed. */
export async function buildApp(): Promise<void> {
  const script = join(root, 'build/bundle.ts')
  await promisify(execFile)(process.execPath, [script], { env: { ...process.env, NODE_ENV: 'production' } })
}

/** Runs a copy of the built app in this process, under the double of Electron. */
export async function startDesktop(start: Start = {}): Promise<Desktop> {
  const folder = await mkdtemp(join(tmpdir(), 'chartroom-desktop-'))
  const from = start.app ?? root
  await cp(join(from, 'package.json'), join(folder, 'package.json'))
  await cp(join(from, 'dist/app'), join(folder, 'dist/app'), { recursive: true })
  const profile = start.profile ?? join(folder, 'profile')
  const double = new ElectronDouble({ ...start, userData: profile })
  const words = process.argv
  process.argv = [process.execPath, folder, ...(start.words ?? [])]
  try {
    runMain(join(folder, 'dist/app/electron/main.js'), double)
  } finally {
    process.argv = words
  }
  if (start.ready !== false) double.becomeReady()
  return {
    double,
    profile,
    window: async () => {
      await until(() => double.windows.length > 0)
      const window = double.windows.at(-1)
      if (window === undefined) throw new Error('no window was opened')
      await window.loaded.promise
      return window
    },
    stop: async () => {
      double.pressed = 1
      if (!double.ended) double.quit()
      await double.exited.promise
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** A client of the contract over the port that the window's own preload hands to the page. */
export async function openClient(
  desktop: Desktop,
): Promise<{ client: Client; port: MessagePort; page: PageDouble }> {
  const page = new PageDouble(desktop.double, await desktop.window())
  const port = await page.connect()
  return { client: clientOver(port), port, page }
}

export function clientOver(port: MessagePort): Client {
  const client: Client = createORPCClient(new RPCLink({ port }))
  port.start()
  return client
}

/** Resolves when `holds` does; the test's own time limit ends a wait in vain. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve))
}
