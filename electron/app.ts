import { lookup } from 'node:dns/promises'
import { join } from 'node:path'
import { createActivity } from './activity/activity.ts'
import { createFixedTags } from './charts/fixed-tags.ts'
import { createHistory } from './charts/history.ts'
import { type Intake, createIntake } from './charts/intake.ts'
import { readKeyring } from './charts/keyring.ts'
import { createPreflight } from './charts/preflight/preflight.ts'
import { createPublisher } from './charts/publisher.ts'
import { homeOf } from './credentials/machine.ts'
import { createDemo } from './demo/demo.ts'
import { type Log, createLog } from './log.ts'
import { createKeptQueue } from './charts/queue/kept.ts'
import { createPublishQueue } from './charts/queue/queue.ts'
import { openHistory } from './mirrors/history/open-history.ts'
import { createMirrors } from './mirrors/mirrors.ts'
import { createContentCache } from './oci/cache/content-cache.ts'
import { createTransfers, type Transfers } from './oci/copy/transfers.ts'
import { proxyFor } from './oci/proxy.ts'
import { certificateDirectories } from './oci/tls/certificate-directories.ts'
import { createTransport } from './oci/transport.ts'
import { createUploadMemory } from './oci/upload/memory.ts'
import { createOpenedFiles } from './opened-files.ts'
import { createPathChecks } from './path-checks.ts'
import type { Clock, HostPort, Vault } from './ports.ts'
import { createPulls } from './pulls/walk.ts'
import { createRegistries } from './registries/registries.ts'
import { createWarnings } from './registries/warnings.ts'
import { createRelays } from './relay/relays.ts'
import { type AppRouter, createRouter } from './router.ts'
import { createSettings } from './settings/settings.ts'
import { takePaths } from './take-in.ts'
import { createUpstreams } from './upstreams.ts'

const mebibyte = 1024 * 1024
/** The one entry of the list of registries that is never stored. */
const demoRegistryId = 'demo'

/** What a host gives the app to stand on. */
export interface AppPorts {
  /** The profile: settings, lists, files on their way. */
  directory: string
  clock: Clock
  vault: Vault
  host: HostPort
  /** For docker's configuration: DOCKER_CONFIG, HOME, PATH; for proxies: HTTPS_PROXY, HTTP_PROXY, NO_PROXY. */
  env: Readonly<Record<string, string | undefined>>
  log?: Log
}

export interface App {
  /** Every operation of the contract; a host serves it over its carrier. */
  router: AppRouter
  /** Takes chart files in; bytes come this way, never over the wire. */
  intake: Intake
  /** Copies to and from files of this machine, whose paths never come over the wire. */
  transfers: Pick<Transfers, 'exportTo' | 'importFrom'>
  log: Log
  /** Files the system handed over; those that cannot be taken in are logged and left out. */
  openFiles(paths: string[]): Promise<void>
  /** Uploads, copies and path checks that are under way: a host asks before it quits. */
  running(): number
  /** Those of them that end with the window that asked for them; the queue goes on. */
  runningInWindow(): number
  startDemo(): Promise<{ registryId: string }>
  /** Aborts every call, then closes what is open. */
  close(): Promise<void>
}

/** The composition root: ports in, one router out. Nothing listens and nothing is asked until a call comes. */
export async function createApp(ports: AppPorts): Promise<App> {
  const { directory, clock, vault, env, host } = ports
  const log = ports.log ?? createLog()
  const closing = new AbortController()

  let demoHosts: ReadonlySet<string> = new Set()

  const activity = createActivity()
  const demo = createDemo({ clock })
  const settings = createSettings({ directory })
  const proxyOf = (url: URL) => proxyFor(url, env)
  const transport = createTransport({
    record: activity.record,
    clock,
    isDemo: (asked) => demoHosts.has(asked),
    proxyOf,
    places: () => settings.current().requestsPerRegistry,
  })
  const warnings = createWarnings()
  const relays = createRelays({ urlOf: (id) => registries.urlOf(id), clock })
  const registries = createRegistries({
    directory,
    vault,
    transport,
    env,
    clock,
    cache: createContentCache({
      directory: join(directory, 'cache'),
      maxBytes: async () => (await settings.get()).cacheMebibytes * mebibyte,
      clock,
    }),
    onWarning: warnings.add,
    proxyOf,
    certificates: certificateDirectories(homeOf(env), env, process.platform),
    connectionOf: async ({ id, url }) => {
      const relayPort = id === undefined ? undefined : relays.portOf(id, url)
      return relayPort === undefined ? undefined : { relayPort }
    },
    manifestBytes: async () => (await settings.get()).manifestMebibytes * mebibyte,
  })
  // what is saved counts from the first request on; what cannot be read is said where settings are shown
  await settings.get().catch(() => undefined)
  const intake = createIntake({ directory, sourceDateEpoch: env['SOURCE_DATE_EPOCH'] })
  const memory = createUploadMemory({ directory, clock })
  const bufferBytes = async () => (await settings.get()).bufferMebibytes * mebibyte
  const history = createHistory({
    directory,
    clock,
    identityOf: async (id) => {
      const entry = (await registries.list()).find((each) => each.id === id)
      const username = entry?.credential.username
      return { demo: entry?.demo ?? false, ...(username !== undefined ? { username } : {}) }
    },
  })
  const fixedTags = createFixedTags()
  const preflight = createPreflight({
    intake,
    clientOf: (id) => registries.client(id),
    credentialOf: (id, repository) => registries.credentialOf(id, repository),
    memory,
    bufferBytes,
    fixedTags,
    keyring: () => readKeyring(env),
  })
  const publisher = createPublisher({
    intake,
    clientOf: (id) => registries.client(id),
    clock,
    memory,
    bufferBytes,
    fixedTags,
    onPublished: (published) => {
      history.add(published).catch((error: unknown) => {
        log.warn({ err: error }, 'a publication is missing in the history')
      })
    },
  })
  const queue = createPublishQueue({
    intake,
    publisher,
    kept: createKeptQueue({
      directory,
      onTrouble: (error) => log.warn({ err: error }, 'the queue is not kept for the next run'),
    }),
    clock,
  })
  const pathChecks = createPathChecks({ registries, memory, bufferBytes, clock })
  const transfers = createTransfers({
    clientOf: (id) => registries.client(id),
    memory,
    clock,
    bufferBytes,
    temporary: join(directory, 'transfers'),
    closing: closing.signal,
  })
  const upstreams = createUpstreams({ transport, registries })
  const mirrors = createMirrors({
    directory,
    vault,
    transport,
    clock,
    env,
    log,
    seconds: () => settings.current().scrapeSeconds,
    openHistory: () =>
      openHistory({
        directory,
        clock,
        onTrouble: (failure) => log.warn({ failure }, 'the history of the mirrors was begun anew'),
      }),
    lookup: (name) => lookup(name, { all: true }),
    random: Math.random,
    upstream: upstreams.placeOf,
  })
  const pulls = createPulls({ transport, clock, upstream: upstreams.transportTo })
  const openedFiles = createOpenedFiles()

  const startDemo = async (): Promise<{ registryId: string }> => {
    const { registryUrl, agents } = await demo.start()
    demoHosts = new Set([registryUrl, ...agents.map(({ address }) => address)].map(hostOf))
    registries.setDemo({ id: demoRegistryId, name: 'Demo', url: registryUrl })
    await mirrors.setDemo(agents.map(({ address, metricsAt, ...known }) => ({ address, metricsAt, known })))
    return { registryId: demoRegistryId }
  }
  const stopDemo = async (): Promise<{ stopped: boolean }> => {
    const stopped = demo.state() !== undefined
    demoHosts = new Set()
    registries.setDemo(undefined)
    await mirrors.setDemo(undefined)
    await relays.stop(demoRegistryId)
    await demo.stop()
    return { stopped }
  }

  const router = createRouter(
    {
      registries,
      warnings,
      intake,
      preflight,
      publisher,
      history,
      queue,
      transfers,
      pathChecks,
      relays,
      mirrors,
      pulls,
      activity,
      settings,
      vault,
      host,
      demo: { start: startDemo, stop: stopDemo, running: () => demo.state() !== undefined },
      openedFiles: (signal) => openedFiles.watch(signal),
    },
    closing.signal,
    log,
  )

  return {
    router,
    intake,
    transfers,
    log,
    openFiles: async (paths) => {
      openedFiles.add(await takePaths(intake, paths, log))
    },
    running: () => publisher.running() + queue.waiting() + transfers.running() + pathChecks.running(),
    runningInWindow: () => publisher.running() - queue.sending() + transfers.running() + pathChecks.running(),
    startDemo,
    close: async () => {
      closing.abort(new DOMException('Chartroom is closing.', 'AbortError'))
      await queue.close()
      await history.close()
      await stopDemo()
      await mirrors.close()
      await transport.close()
      await relays.close()
      await intake.close()
    },
  }
}

/** host:port of an address that may lack its scheme, as agents' may. */
function hostOf(address: string): string {
  return new URL(address.includes('://') ? address : `http://${address}`).host
}
