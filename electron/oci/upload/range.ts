import type { AnswerHead } from '../ask.ts'

/**
 * How many bytes an upload session says it holds, from the Range of its answer: `0-<last>` in the spec,
 * `bytes=0-<last>` at quay, which says `0--1` of an empty session. undefined where it says nothing that can be
 * used: no Range, another form, or `0-0`, which is one byte in the spec and none at distribution.
 */
export function heldBytes({ headers }: AnswerHead): number | undefined {
  const last = /^(?:bytes=)?0-(-1|\d{1,15})$/.exec(headers['range'] ?? '')?.[1]
  return last === undefined || last === '0' ? undefined : Number(last) + 1
}
