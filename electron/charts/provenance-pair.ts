/** A file that is held, as far as pairing looks at it. */
export interface Pairable {
  fileName: string
  digest: string
  /** Of a chart's archive: the .prov that goes with it. */
  provenance?: Pairable
}

const suffix = '.prov'

/** Whether a file is a provenance by its name, as for `helm push`: the chart's file name and `.prov`. */
export function isProvenanceName(fileName: string): boolean {
  return fileName.endsWith(suffix) && fileName.length > suffix.length
}

/** The name of the chart's file that a provenance of this name belongs to. */
export function chartFileNameOf(provenanceName: string): string {
  return provenanceName.slice(0, -suffix.length)
}

export function provenanceNameOf(chartFileName: string): string {
  return `${chartFileName}${suffix}`
}

/**
 * The chart a .prov goes with: the one of its name that has none yet, the one taken in last first, or one that has
 * this very .prov already.
 */
export function chartFor<T extends Pairable>(provenance: Pairable, charts: readonly T[]): T | undefined {
  const named = charts.filter(({ fileName }) => fileName === chartFileNameOf(provenance.fileName))
  return (
    named.findLast((chart) => chart.provenance === undefined) ??
    named.findLast((chart) => chart.provenance?.digest === provenance.digest)
  )
}
