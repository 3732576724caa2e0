import type { CredentialSource } from '../../shared/model/registry.ts'

type Source = Exclude<CredentialSource, 'anonymous'>

/**
 * Who asks. An identity token (docker's `identitytoken`) is traded for access tokens and never sent to the registry;
 * a registry token (`registrytoken`) is an access token already and is sent as it is.
 */
export type ResolvedCredential =
  | { source: Source; username: string; password: string; identityToken?: string }
  | { source: Source; identityToken: string }
  | { source: Source; registryToken: string }

/**
 * Finds the credential for a repository (undefined: for the registry as such), since one registry may know a user by
 * several names. Asked whenever a challenge is to be answered; throws a FailureError where what should hold the
 * credential is broken.
 */
export type CredentialLookup = (repository: string | undefined) => Promise<ResolvedCredential | undefined>
