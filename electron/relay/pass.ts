import type { Socket } from 'node:net'
import { readToTheEnd } from '../oci/read-to-the-end.ts'
import { coalescing } from './coalesce.ts'

/** Milliseconds. */
export interface Limits {
  /** A small piece waits for company: a request takes that much longer at most. */
  hold: number
  /** Until an attempt to reach the registry is given up. */
  connect: number
  /** One side may stay silent after the other ended. */
  linger: number
}

interface Counts {
  errors: number
  bytesToRegistry: number
  bytesFromRegistry: number
}

/**
 * Passes what `client` and `registry` say to each other, and how each of them ends: half-closed stays half-closed,
 * an answer in the middle of a request arrives, and a client that breaks off is seen to break off.
 */
export function passBetween(client: Socket, registry: Socket, limits: Limits, counts: Counts): void {
  let failed = false
  const fail = () => {
    if (!failed) counts.errors += 1
    failed = true
  }
  endTogether(client, registry, limits, fail)
  // a registry that refuses a body answers and resets while the body is still coming: the answer is to be read,
  // and what cannot be written any more is dropped
  readToTheEnd(registry, (done) => {
    fail()
    done()
  })
  const write = coalescing(registry, limits.hold)
  client.on('data', (piece: Buffer) => {
    if (registry.destroyed) return
    counts.bytesToRegistry += piece.length
    if (!write(piece)) client.pause()
  })
  registry.on('drain', () => client.resume())
  registry.on('data', (piece: Buffer) => {
    counts.bytesFromRegistry += piece.length
    if (!client.write(piece)) registry.pause()
  })
  client.on('drain', () => registry.resume())
}

/** What becomes of one side when the other ends, fails or cannot be reached. */
function endTogether(client: Socket, registry: Socket, limits: Limits, fail: () => void): void {
  /** From now on silence ends both. */
  const linger = () => {
    for (const socket of [client, registry]) {
      socket.setTimeout(limits.linger, () => {
        fail()
        socket.destroy()
      })
    }
  }
  let reached = false
  const giveUp = setTimeout(() => registry.destroy(), limits.connect)
  registry.once('connect', () => {
    reached = true
    clearTimeout(giveUp)
  })
  client.once('end', () => {
    registry.end()
    linger()
  })
  registry.once('end', () => {
    client.end()
    linger()
  })
  client.on('error', fail)
  registry.on('error', fail)
  client.once('close', () => {
    // an upload that broke off must not look like one that ended
    if (client.readableEnded) registry.destroySoon()
    else registry.resetAndDestroy()
  })
  registry.once('close', () => {
    clearTimeout(giveUp)
    if (!reached) {
      fail()
      client.resetAndDestroy()
      return
    }
    // what the client still sends is read and dropped, else our reset overtakes the answer on its way to it
    client.resume()
    client.end()
    linger()
  })
}
