import { parseArgs } from 'node:util'
import type { SourceCredentialDraft, SourceDraft } from '../../shared/model/mirror-source.ts'
import type { MirrorView, MirrorWindow } from '../../shared/model/mirror.ts'
import { type Job, type Tools, UsageError } from './command.ts'
import { failureOf } from './failure-of.ts'

export const mirrorsUsage = `mirrors --agents ADDRESS[,ADDRESS…] | --prometheus URL [--matchers MATCHERS]
    | --kube-context NAME [--kubeconfig FILE]  [--window start|5m|1h|24h|7d] [--watch [--every SECONDS]]`

const options = {
  agents: { type: 'string' },
  prometheus: { type: 'string' },
  matchers: { type: 'string' },
  'kube-context': { type: 'string' },
  kubeconfig: { type: 'string' },
  window: { type: 'string' },
  watch: { type: 'boolean' },
  every: { type: 'string' },
  json: { type: 'boolean' },
} as const

type Values = ReturnType<typeof parseArgs<{ options: typeof options }>>['values']

/**
 * What the agents of one source count, since their own start or over a window, and what stands out: once, or with
 * `--watch` after every round until it is interrupted. A window other than `start` needs a past: Prometheus has one,
 * and a watch makes one. All is well where every agent answers in the last round; findings alone fail nothing.
 * CHARTROOM_USERNAME and CHARTROOM_PASSWORD, or CHARTROOM_TOKEN, say who asks agents and Prometheus; a kubeconfig says
 * it itself.
 */
export function readMirrors(args: string[]): Job {
  const { values } = parseArgs({ args, options })
  const settings = readSettings(values)
  const window = readWindow(values.window ?? 'start')
  const seconds = readEvery(values)
  return async (tools) => {
    try {
      const credential = settings.kind === 'kubernetes' ? { kind: 'none' as const } : credentialOf(tools)
      const { client, signal } = tools
      if (seconds !== undefined) await client.settings.update({ scrapeSeconds: seconds }, { signal })
      await client.mirrors.addSource({ name: 'command line', settings, credential }, { signal })
      if (values.watch === true) return await watch(tools, window)
      await client.mirrors.refresh(undefined, { signal })
      return print(tools, await client.mirrors.view({ window }, { signal }))
    } catch (error) {
      tools.print({ agents: [], sources: [], findings: [], failure: failureOf(error) })
      return false
    }
  }
}

/** Prints every round, until somebody interrupts it: that is its usual end, and the last round decides. */
async function watch(tools: Tools, window: MirrorWindow): Promise<boolean> {
  const { client, signal } = tools
  let isWell = false
  let printed: number | undefined
  try {
    for await (const view of await client.mirrors.watch({ window }, { signal })) {
      const [at] = view.sources.map((source) => source.at)
      if (at === undefined || at === printed) continue
      printed = at
      isWell = print(tools, view)
    }
  } catch (error) {
    if (!signal.aborted) throw error
  }
  return isWell
}

/** Prints what a view shows; returns whether all answer. */
function print(tools: Tools, view: MirrorView): boolean {
  const { at, window, sources, agents, findings } = view
  tools.print({
    agents: agents.map(({ name, id, ok, counts, covered, restarts, answers, failure }) => ({
      agent: name,
      ok,
      registries: counts ?? [],
      id,
      covered,
      restarts,
      ...(answers !== undefined ? { answers } : {}),
      ...(failure !== undefined ? { failure } : {}),
    })),
    at,
    window,
    sources,
    findings,
  })
  return sources.every(({ state }) => state === 'ok') && agents.every(({ ok }) => ok)
}

function readSettings(values: Values): SourceDraft['settings'] {
  const named = [values.agents, values.prometheus, values['kube-context']].filter((one) => one !== undefined)
  if (named.length !== 1) throw new UsageError('One of --agents, --prometheus and --kube-context is needed.')
  for (const [option, other] of [
    ['matchers', 'prometheus'],
    ['kubeconfig', 'kube-context'],
  ] as const) {
    if (values[option] !== undefined && values[other] === undefined) {
      throw new UsageError(`--${option} goes with --${other}.`)
    }
  }
  const mirrorPort = 30_020
  if (values.prometheus !== undefined) {
    if (!/^https?:\/\//.test(values.prometheus)) throw new UsageError('--prometheus is no URL.')
    return { kind: 'prometheus', url: values.prometheus, matchers: values.matchers ?? '', mirrorPort }
  }
  const context = values['kube-context']
  if (context !== undefined) {
    const { kubeconfig } = values
    return { kind: 'kubernetes', context, ...(kubeconfig !== undefined ? { kubeconfig } : {}) }
  }
  const addresses = (values.agents ?? '')
    .split(',')
    .map((agent) => agent.trim())
    .filter((agent) => agent !== '')
  if (addresses.length === 0) throw new UsageError('--agents names no agent.')
  return { kind: 'agents', addresses, mirrorPort }
}

const units: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 }

function readWindow(text: string): MirrorWindow {
  if (text === 'start') return { kind: 'start' }
  const [, amount = '', unit = ''] = /^([1-9][0-9]{0,5})([smhd])$/.exec(text) ?? []
  const seconds = Number(amount) * (units[unit] ?? 0)
  if (seconds === 0)
    throw new UsageError(`--window ${text} is neither "start" nor a time such as 5m, 1h, 7d.`)
  return { kind: 'last', seconds }
}

function readEvery({ every, watch: isWatch }: Values): number | undefined {
  if (every === undefined) return undefined
  if (isWatch !== true) throw new UsageError('--every goes with --watch.')
  const seconds = Number(every)
  if (Number.isInteger(seconds) && seconds >= 2 && seconds <= 3600) return seconds
  throw new UsageError(`--every ${every} is no number of seconds from 2 to 3600.`)
}

function credentialOf({ credential, env }: Tools): SourceCredentialDraft {
  if (credential.source === 'password') {
    const { username, password } = credential
    return { kind: 'basic', username, ...(password !== undefined ? { password } : {}) }
  }
  const token = env['CHARTROOM_TOKEN'] ?? ''
  return token === '' ? { kind: 'none' } : { kind: 'bearer', token }
}
