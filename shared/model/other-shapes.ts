import type { NextStep } from './failure.ts'
import type { Strategy } from './upload.ts'

/*
 * What another shape of the same bytes can get past, most promising first. None of it helps against what the
 * registry says of the content itself. Sources: notes on OCI registries, 1.3, 1.5 and 2.4.
 */

/** Something on the way broke or refused the body as a whole. `undefined`: the shape is not known. */
export function otherShapes(strategy: Strategy | undefined): NextStep[] {
  switch (strategy) {
    case 'buffered':
      return ['use-streamed', 'use-chunked', 'check-path']
    case 'streamed-put':
    case 'streamed-patch':
      return ['use-buffered', 'use-relay', 'check-path']
    case 'chunked':
      return ['use-buffered', 'use-streamed', 'check-path']
    default:
      return ['use-buffered', 'check-path']
  }
}

/** One body was too large: chunks are smaller. */
export function smallerBodies(strategy: Strategy | undefined): NextStep[] {
  return strategy === undefined || strategy === 'chunked' ? [] : ['use-chunked']
}

/** The registry does not take chunks as they were cut. */
export const wholeBodies: NextStep[] = ['use-streamed', 'use-buffered']
