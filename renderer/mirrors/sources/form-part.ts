import type { SourceFields, SourceProblems } from './source-fields.ts'

/** What every part of the form of a source is given. */
export interface FormPart {
  fields: SourceFields
  /** Problems to name now. */
  shown: SourceProblems
  set: (change: Partial<SourceFields>) => void
  /** A field was left: what is wrong may be named. */
  onLeave: () => void
}
