import { readFile, stat } from 'node:fs/promises'
import { FailureError } from '../../shared/model/failure.ts'
import { failureError } from '../../shared/model/local-failure.ts'
import type { Considered } from '../../shared/model/registry.ts'
import type { ResolvedCredential } from '../oci/credential.ts'
import type { Clock } from '../ports.ts'
import { type AuthFile, entryAt, entryKey, helperOf, knowsParts, parseAuthFile } from './auth-file.ts'
import { askHelper, type Environment, type HelperAnswer, helperLimits, type HelperPorts } from './helper.ts'
import { type Place, type PlacePorts, placesOf } from './places.ts'
import type { ProgramLimits } from './program.ts'

const fileBytes = 4 * 1024 * 1024
/** Milliseconds for which a file or a helper's answer holds: a job asks a hundred times, a log-in shows at once. */
const keptMilliseconds = 10_000

/** What the places hold for one repository. */
export interface Found {
  credential?: ResolvedCredential
  considered: Considered[]
  /** What is broken, where nothing else holds a credential: to ask anonymously then would hide it. */
  problem?: FailureError
}

/** The log-ins of this machine: those of docker, podman and helm. */
export interface Machine {
  /**
   * Looks at the places in order and takes the first credential for `repository` of the registry at `url`
   * (undefined: for the registry as such). A broken place is passed by and named. With `peek`, places that come
   * too late are looked at too, but no helper runs for them. Never throws.
   */
  find(url: string, repository: string | undefined, peek: boolean): Promise<Found>
  /** Only what the places hold, none of it used. */
  peek(url: string): Promise<Considered[]>
  /** Reads everything anew the next time, for somebody who has just logged in. */
  forget(): void
}

/** The user's directory as the environment names it. */
export function homeOf(env: Environment): string {
  return env['HOME'] ?? env['USERPROFILE'] ?? ''
}

/** `limits` bound each run of a credential helper; what is left out is as the process finds it. */
export function createMachine(
  ports: { env: Environment; clock: Clock; limits?: ProgramLimits } & Partial<PlacePorts>,
): Machine {
  const { env, clock } = ports
  const home = ports.home ?? homeOf(env)
  const platform = ports.platform ?? process.platform
  const limits = ports.limits ?? helperLimits
  const helpers: HelperPorts = { env, home, platform, limits }
  const readOnce = keeping(clock, (place: Place) => readPlace(place))
  const askOnce = keeping(clock, ({ suffix, key }: { suffix: string; key: string }) =>
    askHelper(suffix, key, helpers),
  )
  const uid = 'uid' in ports ? ports.uid : process.getuid?.()
  const places = placesOf({ env, home, platform, uid })

  const look = async (place: Place, url: string, repository: string | undefined): Promise<Look> => {
    const { source, name } = place
    const read = await readOnce.get(name, place)
    if ('outcome' in read) return { row: { source, place: name, outcome: read.outcome } }
    if ('broken' in read) return broken(source, name, unusable(place, read.broken))
    const helper = helperOf(read.file, url)
    if (helper === undefined) return lookInFile(place, read.file, url, repository)
    const shown = `docker-credential-${helper.suffix} (${name})`
    try {
      const answer = await askOnce.get(`${helper.suffix} ${helper.key}`, helper)
      if (answer === undefined) return { row: { source, place: shown, outcome: 'no-entry' } }
      return {
        row: { source, place: shown, outcome: 'used' },
        credential: credentialOf(source, answer),
      }
    } catch (error) {
      if (error instanceof FailureError) return broken(source, shown, error)
      throw error
    }
  }

  const peekAt = async (place: Place, url: string, repository: string | undefined): Promise<Considered> => {
    const read = await readOnce.get(place.name, place)
    const helper = 'file' in read ? helperOf(read.file, url) : undefined
    if (helper === undefined) {
      const { row } = await look(place, url, repository)
      return row.outcome === 'used' ? { ...row, outcome: 'overruled' } : row
    }
    const shown = `docker-credential-${helper.suffix} (${place.name})`
    return { source: place.source, place: shown, outcome: helper.named ? 'overruled' : 'not-asked' }
  }

  return {
    find: async (url, repository, peek) => {
      const found: Found = { considered: [] }
      let problem: FailureError | undefined
      for (const place of places) {
        if (found.credential !== undefined) {
          if (peek) found.considered.push(await peekAt(place, url, repository))
          continue
        }
        const seen = await look(place, url, repository)
        found.considered.push(seen.row)
        if (seen.credential !== undefined) found.credential = seen.credential
        problem ??= seen.problem
      }
      if (found.credential === undefined && problem !== undefined) found.problem = problem
      return found
    },
    peek: (url) => Promise.all(places.map((place) => peekAt(place, url, undefined))),
    forget: () => {
      readOnce.forget()
      askOnce.forget()
    },
  }
}

/** What a look at one place showed. */
interface Look {
  row: Considered
  credential?: ResolvedCredential
  problem?: FailureError
}

function lookInFile(place: Place, file: AuthFile, url: string, repository: string | undefined): Look {
  const { source, name } = place
  const key = entryKey(file, url, repository)
  const entry = key === undefined ? undefined : entryAt(file, key)
  if (entry !== undefined) {
    return { row: { source, place: name, outcome: 'used' }, credential: { source, ...entry } }
  }
  const parts = repository === undefined && knowsParts(file, url)
  const detail = 'It has log-ins for single repositories of this registry; they are used for those.'
  return { row: { source, place: name, outcome: 'no-entry', ...(parts ? { detail } : {}) } }
}

function credentialOf(source: Place['source'], answer: HelperAnswer): ResolvedCredential {
  return 'identityToken' in answer
    ? { source, identityToken: answer.identityToken }
    : { source, username: answer.username, password: answer.password }
}

type Read = { file: AuthFile } | { broken: string } | { outcome: 'absent' }

async function readPlace({ at }: Place): Promise<Read> {
  if ('text' in at) return parseAuthFile(at.text)
  try {
    const found = await stat(at.path)
    if (!found.isFile()) return { broken: 'it is no file' }
    if (found.size > fileBytes) return { broken: 'it is too large' }
    return parseAuthFile(await readFile(at.path, 'utf8'))
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? ''
    return code === 'ENOENT' || code === 'ENOTDIR'
      ? { outcome: 'absent' }
      : { broken: `it cannot be read (${code})` }
  }
}

/** The file is named, never quoted: what stands in it is secret. */
function unusable({ source, name }: Place, why: string): FailureError {
  return failureError(
    'input-invalid',
    'input',
    `What ${source} keeps in ${name} cannot be used: ${why}. Mend it, or choose another credential.`,
    { next: ['log-in'] },
  )
}

function broken(source: Place['source'], place: string, problem: FailureError): Look {
  const row: Considered = { source, place, outcome: 'broken', detail: problem.failure.message }
  return { row, problem }
}

/** `work` done at most once in a while for each key, its failures included. */
function keeping<I, T>(clock: Clock, work: (input: I) => Promise<T>) {
  const kept = new Map<string, { until: number; result: Promise<T> }>()
  return {
    get: (key: string, input: I): Promise<T> => {
      const known = kept.get(key)
      if (known !== undefined && known.until > clock.now()) return known.result
      const result = work(input)
      kept.set(key, { until: clock.now() + keptMilliseconds, result })
      return result
    },
    forget: () => kept.clear(),
  }
}
