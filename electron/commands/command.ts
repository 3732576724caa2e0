import type { RouterClient } from '@orpc/server'
import type { CredentialDraft } from '../../shared/model/registry.ts'
import type { App } from '../app.ts'
import type { AppRouter } from '../router.ts'

/** What a command works with. */
export interface Tools {
  /** The app's own operations, in this process. */
  client: RouterClient<AppRouter>
  intake: App['intake']
  transfers: App['transfers']
  /** How registries are told who asks. */
  credential: CredentialDraft
  /** The same for the source of a copy, where that is another registry: a secret goes to one registry only. */
  sourceCredential: CredentialDraft
  env: Readonly<Record<string, string | undefined>>
  signal: AbortSignal
  /** One JSON object on a line of its own. */
  print(value: object): void
  /** One line on stderr, for whoever watches. */
  note(text: string): void
}

/** Resolves to whether all went well. */
export type Job = (tools: Tools) => Promise<boolean>

/** The command line itself does not hold; said on stderr with how it is used. */
export class UsageError extends Error {}

export function required(value: string | undefined, option: string): string {
  if (value === undefined || value === '') throw new UsageError(`${option} is missing.`)
  return value
}

/** Saves the registry in the profile of this run, which ends with it. Returns its id. */
export async function addRegistry(
  { client, credential: usual, signal }: Tools,
  url: string,
  credential: CredentialDraft = usual,
): Promise<string> {
  const entry = await client.registries.add({ name: 'command line', url, credential }, { signal })
  return entry.id
}
