import type { Upload } from '../state/uploads.ts'

/** The share of the bytes that has left, 0 to 1; 0 until it is known. */
export function sentShare(progress: Upload['progress']): number {
  return progress === undefined || progress.total === 0 ? 0 : Math.min(1, progress.sent / progress.total)
}
