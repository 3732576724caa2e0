import { isIP } from 'node:net'
import type { AgentIdentity } from '../../../shared/model/mirror.ts'
import type { AgentsSettings } from '../../../shared/model/mirror-source.ts'
import { metricsUrl } from '../address.ts'
import { type ScrapeLimits, type ScrapeTarget, usualLimits } from '../scrape.ts'
import { carry } from './carry.ts'
import { createNames, type Lookup } from './names.ts'
import { createPatientScrape } from './patient-scrape.ts'
import type { MirrorSource, SourcePorts } from './source.ts'

/** What an agent is known to be where its address does not say it. */
export type Known = Partial<
  Pick<AgentIdentity, 'name' | 'mirrorUrl' | 'zone' | 'pool' | 'image' | 'images' | 'runtime'>
>

export interface AgentsPorts extends SourcePorts {
  lookup: Lookup
  /** What is known of the simulated agents, by address. */
  known?: ReadonlyMap<string, Known>
  limits?: Partial<ScrapeLimits>
}

/** Agents of one list: as many as it may have addresses, however many the names among them lead to. */
const maxAgents = 5000

/**
 * Agents at addresses a person listed. A name that leads to many addresses is as many agents, looked up anew in each
 * round; those that keep failing are left alone for a while and stay in the round with what they failed with. Throws a
 * FailureError `input-invalid` for what can be no address.
 */
export function openAgents(settings: AgentsSettings, ports: AgentsPorts): MirrorSource {
  const { clock, random } = ports
  const limits = { ...usualLimits, ...ports.limits }
  const listed = withoutDuplicates(settings.addresses)
  const names = createNames(ports.lookup)
  const direct = carry(ports.transport, ports)
  const scrape = createPatientScrape(direct, { clock, random, limits })
  let targets: ScrapeTarget[] = []

  const findTargets = async (signal: AbortSignal): Promise<ScrapeTarget[]> => {
    await names.resolve(new Set(listed.map(({ url }) => hostOf(url))), limits.patience, signal)
    const all = listed.flatMap((each) => targetsOf(each, names.addressesOf(hostOf(each.url))))
    // the first who leads to an agent names it
    return [...new Map(all.toReversed().map((target) => [target.url, target])).values()].toReversed()
  }

  const targetsOf = ({ typed, url }: Listed, addresses: readonly string[] | undefined): ScrapeTarget[] => {
    if (addresses === undefined) {
      return [{ agent: identityOf(typed, typed, url), url: url.toString() }]
    }
    return addresses.map((address) => {
      const own = new URL(url)
      own.hostname = isIP(address) === 6 ? `[${address}]` : address
      const serverName = url.protocol === 'https:' ? url.hostname : undefined
      return {
        agent: identityOf(shownAddress(own), `${typed} (${address})`, own),
        url: own.toString(),
        ...(serverName !== undefined ? { connection: { tls: { serverName } } } : {}),
      }
    })
  }

  const identityOf = (address: string, name: string, url: URL): AgentIdentity => ({
    source: ports.id,
    id: address,
    name,
    address,
    mirrorUrl: `http://${url.hostname}:${settings.mirrorPort}`,
    demo: ports.demo,
    ...ports.known?.get(address),
  })

  return {
    round: async (signal, asked = {}) => {
      const at = clock.now()
      const found = await findTargets(signal)
      targets = found.slice(0, maxAgents)
      const agents = await scrape.round(targets, signal, { ...asked, at })
      const warnings =
        found.length > maxAgents ? [`Only the first ${maxAgents} of ${found.length} agents are read.`] : []
      return { at, way: 'direct', agents, ...(warnings.length > 0 ? { warnings } : {}) }
    },
    mirrorOf: ({ mirrorUrl }) =>
      mirrorUrl === undefined ? undefined : { url: mirrorUrl, transport: ports.transport },
    metricsOf: ({ id }) => {
      const target = targets.find(({ agent }) => agent.id === id)
      if (target === undefined) return undefined
      const { url, connection } = target
      return { url, transport: connection === undefined ? direct : carry(direct, { connection }) }
    },
    close: () => undefined,
  }
}

interface Listed {
  /** As a person wrote it. */
  typed: string
  url: URL
}

/** Addresses that mean the same metrics are one agent, in its first spelling. */
function withoutDuplicates(addresses: readonly string[]): Listed[] {
  const byUrl = new Map<string, Listed>()
  for (const address of addresses) {
    const url = metricsUrl(address)
    if (!byUrl.has(url)) byUrl.set(url, { typed: address.trim(), url: new URL(url) })
  }
  return [...byUrl.values()]
}

/** Name or address, an IPv6 one without its brackets. */
function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, '')
}

/** `host:port`, with what is not usual about it. */
function shownAddress(url: URL): string {
  const scheme = url.protocol === 'http:' ? '' : `${url.protocol}//`
  const path = url.pathname === '/metrics' ? '' : url.pathname
  return `${scheme}${url.host}${path}${url.search}`
}
