import type { Failure, FailureKind } from '../../../shared/model/failure.ts'
import { autoBufferLimit, type Learned, type Refused, type Strategy } from '../../../shared/model/upload.ts'
import { quirkOf } from './quirks.ts'

/** What a plan is made from: the registry's address, the bytes that may be read into memory, and what was learned. */
export interface Known {
  url: string
  bufferBytes: number
  learned?: Learned | undefined
}

/**
 * The strategies in the order `auto` tries them on a blob of `size` bytes (notes 6, "Recommended upload policy"):
 * from memory up to 32 MiB, else as a stream; then what else there is, chunks last because they cost most requests.
 * A blob larger than `bufferBytes` is never read into memory. What is known to be refused comes last, and the one
 * that worked instead first.
 */
export function planOf(size: number, known: Known): Strategy[] {
  const { bufferBytes, learned } = known
  const { first } = quirkOf(known.url)
  const usual: Strategy[] =
    size <= Math.min(autoBufferLimit, bufferBytes)
      ? ['buffered', 'streamed-patch', 'chunked']
      : [first, 'streamed-put', 'buffered', 'streamed-patch', 'chunked']
  const fits = (strategy: Strategy) => strategy !== 'buffered' || size <= bufferBytes
  const order = [...new Set(usual)].filter(fits)
  if (learned === undefined) return order
  const refused = new Set(
    learned.refused.filter((each) => holdsFor(each, size)).map(({ strategy }) => strategy),
  )
  const [usualFirst] = order
  if (usualFirst === undefined || !refused.has(usualFirst)) return order
  const passed = [learned.strategy].filter(fits)
  return [...new Set([...passed, ...order.filter((strategy) => !refused.has(strategy)), ...order])]
}

/**
 * What was learned, where `auto` begins otherwise with a blob of `size` bytes because of it: only the refusals that
 * hold for it, first the one of the shape it would have begun with.
 */
export function learnedFor(size: number, known: Known): Learned | undefined {
  const { learned } = known
  const [usual] = planOf(size, { ...known, learned: undefined })
  if (learned === undefined || planOf(size, known)[0] === usual) return undefined
  const refused = learned.refused.filter((each) => holdsFor(each, size))
  const isUsual = ({ strategy }: Refused) => Number(strategy === usual)
  return { ...learned, refused: refused.toSorted((a, b) => isUsual(b) - isUsual(a)) }
}

/** Failures that depend on how much was sent, and when: what befell a large body says nothing of a small one. */
const bySize: ReadonlySet<FailureKind> = new Set([
  'too-large',
  'timeout',
  'connection-lost',
  'gateway-fault',
  'server-fault',
])

function holdsFor({ kind, bytes }: Refused, size: number): boolean {
  return !bySize.has(kind) || size >= bytes
}

const methodOf = (strategy: Strategy): 'PUT' | 'PATCH' =>
  strategy === 'buffered' || strategy === 'streamed-put' ? 'PUT' : 'PATCH'

/** Statuses that are about who asks, what is asked or what is there, whoever gives them: no shape changes them. */
const final = new Set([401, 403, 407, 409, 412])

/** Which other shapes can cure a failure of `failed`. A kind that is not here is cured by none. */
const cures: Partial<Record<FailureKind, (other: Strategy, failed: Strategy) => boolean>> = {
  'body-refused': () => true,
  'connection-lost': () => true,
  timeout: () => true,
  'gateway-fault': () => true,
  'proxy-refused': () => true,
  'length-required': () => true,
  // Cloudflare's workers break streamed PATCHes with a 500 (cloudflare/containers issue 116); distribution says 500
  // where something on the way cut the body
  'server-fault': () => true,
  // every shape ends with a PUT, so only a PATCH that is not let through can be gone without
  'method-blocked': (other, failed) => methodOf(failed) === 'PATCH' && methodOf(other) === 'PUT',
  unsupported: (other, failed) => methodOf(failed) === 'PATCH' && methodOf(other) === 'PUT',
  // only chunks are smaller
  'too-large': (other) => other === 'chunked',
  'range-refused': (_, failed) => failed === 'chunked',
  'upload-lost': (_, failed) => failed === 'chunked',
}

/** The shapes among `others` that may pass where `failed` did not. */
export function curesOf(failure: Failure, failed: Strategy, others: readonly Strategy[]): Strategy[] {
  const { kind, phase, status } = failure
  if (phase !== 'upload-body' && phase !== 'upload-commit') return []
  if (status !== undefined && (final.has(status) || (kind === 'server-fault' && status !== 500))) return []
  return others.filter((other) => other !== failed && cures[kind]?.(other, failed) === true)
}

/**
 * Failures that may be an accident of the moment: the same shape is tried once more before it counts as refused.
 * A 401 to a PATCH says that the token ran out on the way: authorize has a new one and leaves the PATCH to us. After a
 * 429 the transport waits before the next session.
 */
const accidents: ReadonlySet<FailureKind> = new Set([
  'connection-lost',
  'gateway-fault',
  'server-fault',
  'upload-lost',
  'rate-limited',
  'unauthorized',
])

export function mayBeAccident({ kind, phase }: Failure): boolean {
  return accidents.has(kind) && (phase === 'upload-body' || phase === 'upload-commit')
}
