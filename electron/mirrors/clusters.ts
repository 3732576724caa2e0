import type { Environment } from '../credentials/helper.ts'
import type { Log } from '../log.ts'
import type { Transport } from '../oci/ask.ts'
import type { Clock } from '../ports.ts'
import { createCollector } from './collector.ts'
import { createFleet, type Member, type Wanted } from './fleet.ts'
import type { History } from './history/history.ts'
import type { Access } from './sources/access.ts'
import { type DemoAgent, demoSource, knownOf, withPast } from './sources/demo.ts'
import type { SourceList } from './sources/list.ts'
import { type ListPorts, openSource } from './sources/open.ts'
import type { SavedSource } from './sources/saved.ts'
import type { MirrorSource, SourcePorts } from './sources/source.ts'

export interface ClusterPorts extends Omit<ListPorts, 'known'> {
  transport: Transport
  clock: Clock
  env: Environment
  random: () => number
  log: Log
  /** Seconds between two rounds, asked anew before each pause. */
  seconds: () => number
}

/** The sources that are open, each with its collector: those of the list, and the demo's. */
export interface Clusters {
  /** As the list says now; closes and opens what has changed. Only those of `ids`, where these are given. */
  members(ids?: readonly string[]): Promise<Member[]>
  /** A source that is not collected; whoever opens it closes it. */
  open(saved: SavedSource, access: Access): MirrorSource
  /** The secrets of a source are others now, which its entry does not show. */
  changed(id: string): void
  setDemo(agents: readonly DemoAgent[] | undefined): void
  /** Collecting begins, and goes on until `close`. */
  start(): void
  close(): Promise<void>
}

/** Readings go into `history`; `onRound` is called when any source has something new. */
export function createClusters(
  ports: ClusterPorts,
  { list, history, onRound }: { list: SourceList; history: History; onRound: () => void },
): Clusters {
  const { clock, log, seconds, transport, env, random, lookup, limits } = ports
  const fleet = createFleet()
  const revisions = new Map<string, number>()
  let demo: readonly DemoAgent[] | undefined

  const open = (saved: SavedSource, access: Access, agents?: readonly DemoAgent[]): MirrorSource => {
    const common: SourcePorts = {
      id: saved.id,
      demo: agents !== undefined,
      transport,
      clock,
      env,
      random,
      ...access,
    }
    const source = openSource(saved.settings, common, {
      lookup,
      ...(limits !== undefined ? { limits } : {}),
      ...(agents !== undefined ? { known: knownOf(agents) } : {}),
    })
    return agents === undefined ? source : withPast(source, agents)
  }
  const wantedOf = (saved: SavedSource, agents?: readonly DemoAgent[]): Wanted => {
    const { id, name, settings } = saved
    const entry = { id, name, settings, demo: agents !== undefined }
    return {
      entry,
      made: `${revisions.get(id) ?? 0} ${JSON.stringify(saved)}`,
      open: async () =>
        createCollector({
          source: open(saved, agents === undefined ? await list.access(saved) : {}, agents),
          entry,
          clock,
          seconds,
          record: history.record,
          last: (agent) => history.last(id, agent),
          log,
          onRound,
        }),
    }
  }
  const wanted = async (): Promise<Wanted[]> => {
    const saved = (await list.all()).map((each) => wantedOf(each))
    return demo === undefined ? saved : [...saved, wantedOf(demoSource(demo), demo)]
  }

  return {
    members: async (ids) =>
      (await fleet.follow(wanted)).filter(({ entry }) => ids === undefined || ids.includes(entry.id)),
    open,
    changed: (id) => void revisions.set(id, (revisions.get(id) ?? 0) + 1),
    setDemo: (agents) => {
      demo = agents
    },
    start: fleet.start,
    close: fleet.close,
  }
}
