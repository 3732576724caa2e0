import { type ChartMetadata, tagOfVersion } from '../../../shared/model/chart.ts'
import { FailureError } from '../../../shared/model/failure.ts'
import { tagSchema } from '../../../shared/model/reference.ts'
import { type ChartArchive, readChartArchive } from '../archive.ts'
import { type Finding, found } from '../finding.ts'
import type { Intake, StoredChart } from '../intake.ts'
import { type Publication, publicationOf, targetOf } from '../publication.ts'
import { Blame } from './line.ts'

/** A chart that was taken in, with what is in it and what it becomes in a registry. */
export interface ReadChart {
  stored: StoredChart
  archive: ChartArchive
  publication: Publication
}

/** semver.org's own expression: what Masterminds/semver's StrictNewVersion takes, and no `v` in front. */
const strictVersion =
  /^(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)(?:-(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(?:\.(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*)?(?:\+[0-9a-zA-Z-]+(?:\.[0-9a-zA-Z-]+)*)?$/

/** Reads the chart of a ticket. Blames the archive or Chart.yaml; a ticket that is not held is a FailureError. */
export async function readChart(intake: Pick<Intake, 'open'>, ticket: string): Promise<ReadChart> {
  try {
    const stored = await intake.open(ticket)
    const archive = await readChartArchive(stored.path)
    return { stored, archive, publication: publicationOf(stored) }
  } catch (error) {
    if (!(error instanceof FailureError) || error.failure.kind === 'no-such-item') throw error
    const isChartYaml = error.failure.kind === 'chart-invalid'
    const check = isChartYaml ? 'chart' : 'archive'
    throw new Blame(check, isChartYaml ? 'chart-invalid' : 'archive-refused', error.failure)
  }
}

/** The archive was read to its end, or Chart.yaml alone is to blame. */
export async function archiveFinding(reading: Promise<ReadChart>): Promise<Finding> {
  try {
    const { stored } = await reading
    const { entries, size } = stored.file
    const values = { count: String(entries), size: String(size) }
    return found('ok', 'archive-sound', values, `${entries} files in ${size} bytes, their paths safe.`)
  } catch (error) {
    if (!(error instanceof Blame) || error.check !== 'chart') throw error
    return found('ok', 'archive-readable', {}, 'The archive can be read.')
  }
}

/** Chart.yaml was read as Helm reads it: what is worth knowing of it. */
export function chartFinding({ apiVersion, deprecated, type }: ChartMetadata): Finding {
  const values = { apiVersion }
  if (deprecated === true) {
    return found(
      'note',
      'chart-deprecated',
      values,
      'Chart.yaml is valid and says that the chart is deprecated.',
    )
  }
  if (type === 'library') {
    const message = 'Chart.yaml is valid. It is a library: helm does not install it by itself.'
    return found('note', 'chart-library', values, message)
  }
  return found('ok', 'chart-valid', values, `Chart.yaml is valid, apiVersion ${apiVersion}.`)
}

/**
 * Whether helm finds the version by itself: of the tags it takes only strict semver for versions, so that `v1.2.3` is
 * pulled by its exact name alone (helm issue 11107). `+` becomes `_` in the tag (helm issue 10166).
 */
export function versionFinding({ version }: ChartMetadata): Finding {
  const tag = tagOfVersion(version)
  const values = { version, tag }
  if (!tagSchema.safeParse(tag).success) {
    const message = `"${version}" is no tag: letters, digits, "_", "." and "-", at most 128.`
    return found('blocked', 'version-no-tag', values, message)
  }
  if (!strictVersion.test(version)) {
    const message = `${version} is no strict semantic version: helm pull finds it with --version ${version} only, not as the newest.`
    return found('warn', 'version-not-strict', values, message)
  }
  if (tag !== version) {
    return found('ok', 'version-tag', values, `${version} is strict semver; its tag is ${tag}.`)
  }
  return found('ok', 'version-strict', values, `${version} is strict semver.`)
}

/** Whether path and chart name make a repository name; upper case is what charts fail by (helm issue 12055). */
export function nameFinding({ repository }: { repository: string }): Finding {
  return found('ok', 'name-fits', { repository }, `It goes to ${repository}.`)
}

/** Where the chart goes. Blames the name or the version. */
export function placeOf(path: string, metadata: ChartMetadata): { repository: string; tag: string } {
  try {
    return targetOf(path, metadata)
  } catch (error) {
    if (!(error instanceof FailureError)) throw error
    const isVersion = !tagSchema.safeParse(tagOfVersion(metadata.version)).success
    if (isVersion) throw new Blame('version', 'version-no-tag', error.failure)
    const hasUpper = /[A-Z]/.test(metadata.name)
    throw new Blame('name', hasUpper ? 'name-upper-case' : 'name-invalid', error.failure)
  }
}
