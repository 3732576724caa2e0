import { type Failure, FailureError, type FailureKind } from '../../../shared/model/failure.ts'
import type { RegistryClient } from '../client.ts'

/** Milliseconds spent on deleting one blob, also after a cancel: it should not stay behind. */
const farewell = 5_000

/** The registry may have stored the blob all the same; a lost answer the upload itself asks about. */
const maybeStored: ReadonlySet<FailureKind> = new Set(['server-fault', 'answer-invalid', 'cancelled'])

/** These will be said again. */
const never: ReadonlySet<FailureKind> = new Set(['unsupported', 'unauthorized', 'denied', 'method-blocked'])

export interface Tidying {
  /** Deletes the blob of a cell that passed, or may have; resolves to whether it stays behind. */
  after(client: RegistryClient, digest: string, failure: Failure | undefined): Promise<boolean>
}

/** Tidies `repository`. A registry that refused a deletion for good is not asked again. */
export function createTidying(repository: string): Tidying {
  let deletes = true
  const remove = async (client: RegistryClient, digest: string, signal: AbortSignal): Promise<boolean> => {
    if (!deletes) return true
    try {
      await client.deleteBlob(repository, digest, { signal })
      return false
    } catch (error) {
      if (!(error instanceof FailureError)) throw error
      if (never.has(error.failure.kind)) deletes = false
      return error.failure.kind !== 'not-found'
    }
  }
  return {
    after: async (client, digest, failure) => {
      const signal = AbortSignal.timeout(farewell)
      if (failure === undefined) return remove(client, digest, signal)
      const sent = failure.phase === 'upload-body' || failure.phase === 'upload-commit'
      if (!sent || !maybeStored.has(failure.kind)) return false
      const found = await client.headBlob(repository, digest, { signal, push: true }).catch(() => undefined)
      return found !== undefined && remove(client, digest, signal)
    },
  }
}
