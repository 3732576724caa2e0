import { readFile } from 'node:fs/promises'
import {
  type PreflightCheck,
  type PreflightCheckName,
  preflightCheckNameSchema,
  type PreflightInput,
  type PreflightReport,
} from '../../../shared/model/preflight.ts'
import type { Resolution } from '../../credentials/credentials.ts'
import type { RegistryClient } from '../../oci/client.ts'
import type { UploadMemory } from '../../oci/upload/memory.ts'
import { jobStream } from '../../job-stream.ts'
import { checkDependencies } from '../dependencies.ts'
import type { FixedTags } from '../fixed-tags.ts'
import { type Finding, found } from '../finding.ts'
import type { Intake, StoredChart } from '../intake.ts'
import { checkProvenance } from '../provenance.ts'
import { checkValues } from '../values-schema.ts'
import { access, beginning, permissionFinding } from './access.ts'
import {
  archiveFinding,
  chartFinding,
  nameFinding,
  placeOf,
  readChart,
  versionFinding,
} from './chart-checks.ts'
import { Blame, lineOf, type Look } from './line.ts'
import { repositoryFinding, tagFinding, transportFinding } from './place-checks.ts'
import { askRegistry, credentialFinding, registryFinding } from './registry-checks.ts'

/** What a preflight stands on. */
export interface PreflightPorts {
  intake: Pick<Intake, 'open'>
  clientOf: (registryId: string) => Promise<RegistryClient>
  /** What a repository (undefined: the registry as such) is asked with. */
  credentialOf: (registryId: string, repository: string | undefined) => Promise<Resolution>
  memory: Pick<UploadMemory, 'recall'>
  /** Bytes of a chart that are read into memory at most. */
  bufferBytes: () => Promise<number>
  fixedTags: Pick<FixedTags, 'refusalOf'>
  /** Public keys that provenance is checked with; undefined where there are none. */
  keyring: () => Promise<Uint8Array | undefined>
}

/** Looks at everything that decides whether a chart can be published, before a byte of it is sent. */
export interface Preflight {
  /**
   * Checks side by side what does not depend on each other, yields each as it ends, and returns the report with all of
   * them in order. Aborting or closing the generator ends the requests under way. Throws a FailureError where the
   * ticket is not held or the job was cancelled; everything else that fails is a check that is blocked.
   */
  check(input: PreflightInput, signal?: AbortSignal): AsyncGenerator<PreflightCheck, PreflightReport>
}

export function createPreflight(ports: PreflightPorts): Preflight {
  return {
    check: (input, signal) =>
      jobStream<PreflightCheck, PreflightReport>(signal, async ({ emit, abort }) => {
        const looks = looksOf(ports, input, abort.signal)
        const checks = await Promise.all(
          preflightCheckNameSchema.options.map(async (name) => {
            const line = await lineOf(name, looks[name])
            emit(line)
            return line
          }),
        )
        return reportOf(checks)
      }),
  }
}

function reportOf(checks: PreflightCheck[]): PreflightReport {
  const undecided = checks.find(({ outcome }) => outcome === 'decide')
  const overwrites = undecided?.values['digest']
  return {
    ready: checks.every(({ outcome }) => outcome !== 'blocked'),
    ...(overwrites !== undefined ? { overwrites } : {}),
    checks,
  }
}

/** What each check looks at. The facts they share are found out once. */
function looksOf(
  ports: PreflightPorts,
  { ticket, registryId, path }: PreflightInput,
  signal: AbortSignal,
): Record<PreflightCheckName, Look> {
  const credentialOf = (repository: string | undefined) => ports.credentialOf(registryId, repository)
  const chart = shared(readChart(ports.intake, ticket))
  const metadata = shared(chart.then(({ stored }) => stored.file.metadata))
  const target = shared(metadata.then((known) => placeOf(path, known)))
  const registry = shared(askRegistry(() => ports.clientOf(registryId), signal))
  const push = shared(
    Promise.all([registry, target, chart]).then(([answering, where, { publication }]) =>
      access(answering, { ...where, publication }, credentialOf, signal),
    ),
  )
  const begun = shared(push.then(beginning))
  return {
    archive: () => archiveFinding(chart),
    chart: async () => chartFinding(await metadata),
    version: async () => versionFinding(await metadata),
    name: async () => nameFinding(await target),
    dependencies: async () => checkDependencies((await chart).archive, await metadata),
    values: async () => checkValues((await chart).archive),
    provenance: async () => provenanceFinding((await chart).stored, ports.keyring),
    registry: async () => registryFinding(await registry),
    credentials: async () => {
      const { client } = await registry
      const { host } = new URL(client.url)
      const resolution = await credentialOf(await target.then(({ repository }) => repository, unlessBlamed))
      if (resolution.problem !== undefined) throw resolution.problem
      await push.catch((error: unknown) => {
        if (!(error instanceof Blame) || error.check === 'credentials') throw error
      })
      return credentialFinding(resolution, host)
    },
    permission: async () => permissionFinding(await push, await begun),
    repository: async () => repositoryFinding((await registry).client, await push, await begun),
    tag: async () => {
      const { tag } = await target
      return tagFinding(await push, tag, ports.fixedTags)
    },
    transport: async () => {
      const { client } = await registry
      const { size } = (await chart).stored.file
      return transportFinding(client, size, { ...ports, bufferBytes: await ports.bufferBytes() })
    },
  }
}

/** A fact several checks wait for: one that fails before anybody waits is nobody's unhandled rejection. */
function shared<T>(fact: Promise<T>): Promise<T> {
  fact.catch(() => undefined)
  return fact
}

/** Without a repository the registry's own credential is meant. */
function unlessBlamed(error: unknown): undefined {
  if (!(error instanceof Blame)) throw error
  return undefined
}

async function provenanceFinding(
  { file, provenancePath }: StoredChart,
  keyring: PreflightPorts['keyring'],
): Promise<Finding> {
  if (provenancePath === undefined) {
    return found('ok', 'provenance-none', {}, 'There is no provenance file beside the chart.')
  }
  const { name, version } = file.metadata
  const keys = await keyring()
  return checkProvenance({
    prov: await readFile(provenancePath),
    fileName: `${name}-${version}.tgz`,
    digest: file.digest,
    ...(keys !== undefined ? { keyring: keys } : {}),
  })
}
