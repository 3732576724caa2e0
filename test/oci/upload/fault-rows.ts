import type { UploadJob } from '../../../electron/oci/upload/job.ts'
import type { Answerer, FailureKind } from '../../../shared/model/failure.ts'
import type { Strategy } from '../../../shared/model/upload.ts'
import type { Fault } from '../../fakes/fault-proxy.ts'
import {
  badGateway,
  blocksMethods,
  bodyTooLarge,
  bodyTooLargeAfter,
  closesKeptConnections,
  dropAfter,
  lengthRequired,
  locationTo,
  losesAnswer,
  refusesChunkedFraming,
  refusesLoneHeads,
  resetAfter,
  stallAfter,
  unauthorizedAfter,
  vsphere,
} from '../../fakes/faults.ts'

/** Where in a body most faults strike: in the middle of the first chunk of 100,000 bytes. */
const middle = 50_000

type Verdict = `${FailureKind} by ${Answerer}`
type Outcome = 'passes' | Verdict
/** The shapes of a blob's bytes on the wire. */
export const shapes = {
  buffered: { mode: 'buffered' },
  'streamed-put': { mode: 'streamed-put' },
  'streamed-patch': { mode: 'streamed-patch' },
  'streamed-patch without a length': { mode: 'streamed-patch', framing: 'chunked' },
  chunked: { mode: 'chunked' },
} satisfies Record<string, Partial<UploadJob>>
export type Shape = keyof typeof shapes

export interface Row {
  /** What is wrong with the way. */
  way: string
  faults: Fault[]
  /** What becomes of a blob in each shape; `else` is for those that are not named. */
  shapes: Partial<Record<Shape, Outcome>> & { else: Outcome }
  /** What auto makes of it, in memory and where it may hold nothing there. */
  auto: Strategy | Verdict
  autoStreamed: Strategy | Verdict
  /** Milliseconds of silence that are borne. */
  patience?: number
}

const patches = (outcome: Outcome) => ({
  'streamed-patch': outcome,
  'streamed-patch without a length': outcome,
  chunked: outcome,
})
const once = (fault: Fault): Fault[] => [{ ...fault, times: 1 }]
/** Both ways of auto pass in the shape they begin with. */
const asPlanned = { auto: 'buffered', autoStreamed: 'streamed-put' } as const
const always = (verdict: Verdict) => ({ shapes: { else: verdict }, auto: verdict, autoStreamed: verdict })

/** What is wrong with a way, and what becomes of a blob of 300,000 bytes on it. */
export const rows: Row[] = [
  { way: 'nothing is wrong', faults: [], shapes: { else: 'passes' }, ...asPlanned },
  {
    way: 'a network that answers 400 to a PATCH (go-containerregistry issue 2005)',
    faults: [vsphere],
    shapes: { ...patches('body-refused by proxy'), else: 'passes' },
    ...asPlanned,
  },
  {
    way: '400 to Transfer-Encoding: chunked',
    faults: [refusesChunkedFraming],
    shapes: { 'streamed-patch without a length': 'body-refused by proxy', else: 'passes' },
    ...asPlanned,
  },
  {
    way: '411 to Transfer-Encoding: chunked',
    faults: [lengthRequired],
    shapes: { 'streamed-patch without a length': 'length-required by proxy', else: 'passes' },
    ...asPlanned,
  },
  {
    // undici writes a head together with the first piece of its body: none of our shapes has a head alone
    way: '400 to a head that comes in a segment of its own',
    faults: [refusesLoneHeads],
    shapes: { else: 'passes' },
    ...asPlanned,
  },
  {
    way: '413 to a length of more than 200 kB',
    faults: [bodyTooLarge(200_000)],
    shapes: { chunked: 'passes', 'streamed-patch without a length': 'passes', else: 'too-large by proxy' },
    auto: 'chunked',
    autoStreamed: 'chunked',
  },
  {
    way: '413 in the middle of any body',
    faults: [bodyTooLargeAfter(middle)],
    ...always('too-large by proxy'),
  },
  {
    way: 'a firewall that lets no PATCH pass',
    faults: [blocksMethods('PATCH')],
    shapes: { ...patches('method-blocked by proxy'), else: 'passes' },
    ...asPlanned,
  },
  {
    way: 'a firewall that lets no PUT pass',
    faults: [blocksMethods('PUT')],
    ...always('method-blocked by proxy'),
  },
  {
    way: '401 in the middle, always',
    faults: [unauthorizedAfter(middle)],
    ...always('unauthorized by registry'),
  },
  {
    way: '401 in the middle, once',
    faults: once(unauthorizedAfter(middle)),
    shapes: { else: 'passes' },
    ...asPlanned,
  },
  { way: '502, always', faults: [badGateway], ...always('gateway-fault by proxy') },
  { way: '502, once', faults: once(badGateway), shapes: { else: 'passes' }, ...asPlanned },
  {
    way: 'a reset in the middle, always',
    faults: [resetAfter(middle)],
    ...always('connection-lost by nobody'),
  },
  {
    way: 'a reset in the middle, once',
    faults: once(resetAfter(middle)),
    shapes: { else: 'passes' },
    ...asPlanned,
  },
  {
    way: 'a drop in the middle, always',
    faults: [dropAfter(middle)],
    ...always('connection-lost by nobody'),
  },
  {
    way: 'a drop in the middle, once',
    faults: once(dropAfter(middle)),
    shapes: { else: 'passes' },
    ...asPlanned,
  },
  {
    way: 'silence in the middle, always',
    faults: [stallAfter(middle)],
    ...always('timeout by nobody'),
    patience: 2000,
  },
  {
    way: 'silence in the middle, once',
    faults: once(stallAfter(middle)),
    // silence may have lasted two minutes: only chunks, which are small, are tried again
    shapes: { chunked: 'passes', else: 'timeout by nobody' },
    auto: 'streamed-patch',
    autoStreamed: 'streamed-patch',
    patience: 2000,
  },
  {
    way: 'an answer to a body that gets lost, always',
    faults: [losesAnswer],
    // the last PUT was done, as a HEAD tells; 2.8 does not say how far a PATCH got
    shapes: { ...patches('connection-lost by nobody'), else: 'passes' },
    ...asPlanned,
  },
  {
    way: 'an answer to a body that gets lost, once',
    faults: once(losesAnswer),
    shapes: { else: 'passes' },
    ...asPlanned,
  },
  {
    way: 'a kept connection that is closed as it is used again, once',
    faults: once(closesKeptConnections),
    shapes: { else: 'passes' },
    ...asPlanned,
  },
  {
    way: 'a Location where nobody listens',
    faults: [locationTo('http://127.0.0.1:9')],
    ...always('refused by nobody'),
  },
]

/** Each way to send a blob, with the word for what must become of it: the shape that carried it, or the verdict. */
export const columns = (row: Row): Array<[string, Partial<UploadJob>, string]> => [
  ...(Object.keys(shapes) as Shape[]).map((shape): [string, Partial<UploadJob>, string] => {
    const outcome = row.shapes[shape] ?? row.shapes.else
    return [shape, shapes[shape], outcome === 'passes' ? shapes[shape].mode : outcome]
  }),
  ['auto', { mode: 'auto' }, row.auto],
  ['auto that holds nothing in memory', { mode: 'auto', limits: { bufferBytes: 1000 } }, row.autoStreamed],
]
