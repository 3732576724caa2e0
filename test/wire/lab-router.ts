import { eventIterator, oc } from '@orpc/contract'
import { implement } from '@orpc/server'
import { request } from 'undici'
import { z } from 'zod'
import type { Log } from '../../electron/log.ts'
import { createCalls } from '../../electron/wire/calls.ts'
import { operation } from '../../shared/contract/base.ts'
import { failureError } from '../../shared/model/local-failure.ts'

/** A contract with one operation for everything a carrier has to get right. */
export const labContract = {
  echo: operation.input(z.object({ text: z.string().max(10) })).output(z.object({ text: z.string() })),
  refuse: operation.output(z.object({})),
  break: operation.output(z.object({})),
  count: operation
    .input(z.object({ to: z.number().int() }))
    .output(eventIterator(z.object({ n: z.number() }), z.object({ sum: z.number() }))),
  countThenRefuse: operation.output(eventIterator(z.object({ n: z.number() }))),
  /** A real HTTP request to a server that never answers. */
  hang: operation.input(z.object({ url: z.string() })).output(z.object({})),
  hangInStream: operation.input(z.object({ url: z.string() })).output(eventIterator(z.object({}))),
  /** Deaf to its signal, as a badly written handler would be. */
  deafStream: operation.output(eventIterator(z.object({}))),
  answerWith: operation
    .input(z.object({ what: z.enum(['function', 'symbol', 'class', 'ring']) }))
    .output(z.unknown()),
  yieldWith: operation
    .input(z.object({ what: z.enum(['function', 'symbol', 'class', 'ring']) }))
    .output(eventIterator(z.unknown())),
  badOutput: operation.output(z.object({ n: z.number() })),
}
export type LabContract = typeof labContract

/** The same contract with operations and shapes the host does not know. */
export const strangerContract = {
  ...labContract,
  nowhere: oc.input(z.object({})).output(z.object({})),
  echo: operation.input(z.object({ text: z.unknown() })).output(z.object({ text: z.string() })),
}

/** What a handler saw of its caller's end. */
export interface Seen {
  aborted: string[]
}

export function createLabRouter(closing: AbortSignal, log: Log, seen: Seen) {
  const os = implement(labContract).use(createCalls(closing, log))
  const watch = (operation: string, signal: AbortSignal): void => {
    signal.addEventListener('abort', () => seen.aborted.push(operation))
  }
  return os.router({
    echo: os.echo.handler(({ input }) => ({ text: input.text })),
    refuse: os.refuse.handler(() => {
      throw failureError('denied', 'manifest', 'No pushing here.', {
        host: 'registry.test',
        evidence: [{ fact: 'status', value: '403' }],
        next: ['check-permission'],
      })
    }),
    break: os.break.handler(() => {
      throw new TypeError('secret path /home/somebody')
    }),
    count: os.count.handler(async function* ({ input }) {
      let sum = 0
      for (let n = 1; n <= input.to; n += 1) {
        sum += n
        yield { n }
      }
      return { sum }
    }),
    countThenRefuse: os.countThenRefuse.handler(async function* () {
      yield { n: 1 }
      throw failureError('connection-lost', 'blob', 'Half an answer.', { retryable: true })
    }),
    hang: os.hang.handler(async ({ input, context }) => {
      watch('hang', context.signal)
      await request(input.url, { signal: context.signal })
      return {}
    }),
    hangInStream: os.hangInStream.handler(async function* ({ input, context }) {
      watch('hangInStream', context.signal)
      yield {}
      await request(input.url, { signal: context.signal })
    }),
    deafStream: os.deafStream.handler(async function* () {
      yield {}
      await new Promise(() => undefined)
    }),
    answerWith: os.answerWith.handler(({ input }) => unsendable(input.what)),
    yieldWith: os.yieldWith.handler(async function* ({ input }) {
      yield 'before'
      yield unsendable(input.what)
    }),
    badOutput: os.badOutput.handler(() => ({ n: 'one' as unknown as number })),
  })
}

function unsendable(what: 'function' | 'symbol' | 'class' | 'ring'): unknown {
  if (what === 'function') return { inner: () => 1 }
  if (what === 'symbol') return [Symbol('x')]
  if (what === 'class') return { socket: new WeakMap() }
  const ring: { self?: unknown } = {}
  ring.self = ring
  return ring
}
