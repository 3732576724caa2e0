import { chartLimits } from '../../shared/model/chart.ts'
import { type Evidence, FailureError, type FailureKind, type NextStep } from '../../shared/model/failure.ts'
import { failureError } from '../../shared/model/local-failure.ts'

const MiB = 1024 * 1024

/** What a chart's archive may hold, in bytes where nothing else is said. */
export const archiveLimits = {
  content: chartLimits.content,
  file: chartLimits.file,
  /** Of a tar what is in no file: headers, PAX records, what follows its end. */
  headers: 8 * MiB,
  /** The tar streams of an archive and of the archives in its charts/ together. */
  streams: 256 * MiB,
  entries: chartLimits.files,
  /** Characters of one path, and of all of them. */
  path: 4096,
  paths: 4 * MiB,
  /** Chart.yaml becomes the config blob and, by its annotations, part of a manifest, which registries cap at 4 MiB. */
  chartYaml: 1 * MiB,
  /** All that is kept of a chart and its subcharts: metadata, values and their schemas. */
  kept: 32 * MiB,
  /** Archives in the charts/ of archives. */
  depth: 8,
} as const

/** A Failure of what the user gave, whose way out is another file or a new package. */
export function refuse(
  kind: FailureKind,
  message: string,
  evidence: Evidence[] = [],
  next: NextStep[] = ['repackage-chart', 'choose-another-file'],
): FailureError {
  return failureError(kind, 'input', message, { evidence, next })
}

/** A Failure that names the entry of an archive or the file of a folder that is at fault. */
export function refuseEntry(why: string, entry: string): FailureError {
  return refuse('archive-invalid', `The entry "${entry.slice(0, 200)}" is refused: ${why}.`, [
    entryFact(entry),
  ])
}

/** A Failure that names the limit and, where one is at fault, the entry. */
export function tooLarge(what: string, limit: keyof typeof archiveLimits, entry?: string): FailureError {
  const value = String(archiveLimits[limit])
  const evidence: Evidence[] = [{ fact: 'limit', value }]
  if (entry !== undefined) evidence.push(entryFact(entry))
  return refuse('file-too-large', `${what}: the limit is ${value}.`, evidence)
}

/** The same Failure, saying first which subchart it is about; the innermost one is named. */
export function within(place: string, error: unknown): unknown {
  if (!(error instanceof FailureError)) return error
  const { failure } = error
  if (failure.message.startsWith('In charts/')) return error
  const shown = place.slice(0, 200)
  const message = `In ${shown}: ${failure.message}`
  return new FailureError({ ...failure, message }, { cause: error })
}

function entryFact(entry: string): Evidence {
  return { fact: 'entry', value: entry.slice(0, 2000) }
}
