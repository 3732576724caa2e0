import { describe, expect, it } from 'vitest'
import { learnedFor, planOf } from '../../../electron/oci/upload/plan.ts'
import { quirkOf } from '../../../electron/oci/upload/quirks.ts'
import { autoBufferLimit, type Refused, type Strategy } from '../../../shared/model/upload.ts'

const mebibyte = 1024 * 1024
const bufferBytes = 256 * mebibyte
const refused = (strategy: Strategy, kind: Refused['kind'], bytes: number): Refused => ({
  strategy,
  kind,
  answeredBy: 'proxy',
  bytes,
  at: 1,
})
const plan = (size: number, strategy?: Strategy, ...shapes: Refused[]) =>
  planOf(size, {
    url: 'https://r.example',
    bufferBytes,
    learned: strategy === undefined ? undefined : { strategy, at: 1, refused: shapes },
  })

describe('the order auto tries shapes in', () => {
  it('is memory first where the blob is small', () => {
    expect(plan(autoBufferLimit)).toEqual(['buffered', 'streamed-patch', 'chunked'])
  })

  it('is a stream first where it is larger, and memory while it fits', () => {
    expect(plan(autoBufferLimit + 1)).toEqual(['streamed-put', 'buffered', 'streamed-patch', 'chunked'])
    expect(plan(bufferBytes + 1)).toEqual(['streamed-put', 'streamed-patch', 'chunked'])
  })

  it('is what the registry is known to like', () => {
    expect(planOf(bufferBytes + 1, { url: 'https://registry-1.docker.io', bufferBytes })).toEqual([
      'streamed-patch',
      'streamed-put',
      'chunked',
    ])
  })

  it('begins with what passed where the usual first one was refused, which comes last', () => {
    expect(plan(10, 'chunked', refused('buffered', 'body-refused', 500))).toEqual([
      'chunked',
      'streamed-patch',
      'buffered',
    ])
  })

  it('begins with what passed also where that is no usual one, unless it does not fit into memory', () => {
    expect(plan(10, 'streamed-put', refused('buffered', 'body-refused', 500))[0]).toBe('streamed-put')
    const lesson = refused('streamed-put', 'body-refused', 500)
    expect(plan(bufferBytes, 'buffered', lesson)[0]).toBe('buffered')
    expect(plan(bufferBytes + 1, 'buffered', lesson)[0]).toBe('streamed-patch')
  })

  it('is the usual one for blobs smaller than the one that was too large', () => {
    const lesson = refused('buffered', 'too-large', 5 * mebibyte)
    expect(plan(5 * mebibyte - 1, 'chunked', lesson)[0]).toBe('buffered')
    expect(plan(5 * mebibyte, 'chunked', lesson)[0]).toBe('chunked')
  })

  it('is not touched by a refusal of a shape it does not begin with', () => {
    expect(plan(10, 'streamed-patch', refused('streamed-put', 'body-refused', 40 * mebibyte))[0]).toBe(
      'buffered',
    )
  })
})

describe('what was learned, as far as it matters to a blob', () => {
  const learned = {
    strategy: 'chunked',
    at: 1,
    refused: [refused('streamed-patch', 'too-large', 500), refused('buffered', 'body-refused', 500)],
  } as const
  const known = {
    url: 'https://r.example',
    bufferBytes,
    learned: { ...learned, refused: [...learned.refused] },
  }

  it('names the shape auto would have begun with first, and leaves out what holds for larger ones alone', () => {
    expect(learnedFor(500, known)?.refused.map(({ strategy }) => strategy)).toEqual([
      'buffered',
      'streamed-patch',
    ])
    expect(learnedFor(499, known)?.refused.map(({ strategy }) => strategy)).toEqual(['buffered'])
  })

  it('is nothing where auto begins as ever', () => {
    expect(learnedFor(autoBufferLimit + 1, known)).toBeUndefined()
    expect(learnedFor(10, { ...known, learned: undefined })).toBeUndefined()
  })
})

describe('what is known of registries by their name', () => {
  it.each([
    ['https://ghcr.io', 'streamed-put', 3],
    ['https://team.azurecr.io', 'streamed-put', 3],
    ['https://registry-1.docker.io', 'streamed-patch', 8],
    ['https://docker.io', 'streamed-patch', 8],
    ['https://1234.dkr.ecr.eu-west-1.amazonaws.com', 'streamed-put', 8],
    ['https://notdocker.io', 'streamed-put', 8],
    ['https://ghcr.io.example', 'streamed-put', 8],
  ])('%s begins large blobs with %s and takes chunks of %i MiB', (url, first, chunk) => {
    expect(quirkOf(url)).toEqual({ first, chunkBytes: chunk * mebibyte })
  })
})
